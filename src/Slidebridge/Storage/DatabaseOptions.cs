using Npgsql;

namespace Slidebridge.Storage;

/// <param name="Postgres">The PostgreSQL database that all nodes share, or null: SQLite in the data directory, for one process.</param>
sealed record DatabaseOptions(string? Postgres)
{
    /// <summary>A node that froze or vanished in the middle of a transaction lets go of its locks within seconds: the server ends its session.</summary>
    const string LetGo = "-c idle_in_transaction_session_timeout=5000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    /// <summary>Reads <c>--database</c>: <c>Host=…;Database=…;Username=…</c>, with its times bounded so that a database that hangs is told soon.</summary>
    /// <exception cref="FormatException">It is no such text. The message does not quote it: it holds a password.</exception>
    public static DatabaseOptions From(string text)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(parsed.Host)) throw new ArgumentException("Host is missing");
            // Not ContainsKey: it tells of every keyword that there is.
            var given = parsed.Keys;
            if (!given.Contains("Timeout")) parsed.Timeout = 5;
            if (!given.Contains("Command Timeout")) parsed.CommandTimeout = 15;
            if (!given.Contains("Application Name")) parsed.ApplicationName = "slidebridge";
            if (!given.Contains("Options")) parsed.Options = LetGo;
            return new DatabaseOptions(parsed.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new FormatException("'Host=…;Database=…;Username=…;Password=…' is expected, as PostgreSQL's .NET driver reads it");
        }
    }

    /// <summary>Records print their members: this one may hold a password.</summary>
    public override string ToString() => Postgres is null ? "SQLite" : "PostgreSQL";
}
