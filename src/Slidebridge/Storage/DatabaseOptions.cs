using Npgsql;

namespace Slidebridge.Storage;

/// <param name="Postgres">The PostgreSQL database that all nodes share, or null: SQLite in the data directory, for one process.</param>
sealed record DatabaseOptions(string? Postgres)
{
    /// <summary>If a node freezes or vanishes inside a transaction, the server ends its session and so releases its locks within seconds.</summary>
    const string LetGo = "-c idle_in_transaction_session_timeout=5000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    /// <summary>Parses <c>--database</c>: <c>Host=…;Database=…;Username=…</c>, and limits its timeouts so that a database that hangs is reported soon.</summary>
    /// <exception cref="FormatException">The text is not valid. The message does not quote it, because it contains a password.</exception>
    public static DatabaseOptions From(string text)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(parsed.Host)) throw new ArgumentException("Host is missing");
            // Not ContainsKey: it returns true for every keyword that exists.
            var given = parsed.Keys;
            if (!given.Contains("Timeout")) parsed.Timeout = 5;
            if (!given.Contains("Command Timeout")) parsed.CommandTimeout = 15;
            if (!given.Contains("Application Name")) parsed.ApplicationName = "slidebridge";
            if (!given.Contains("Options")) parsed.Options = LetGo;
            return new DatabaseOptions(parsed.ConnectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new FormatException("'Host=…;Database=…;Username=…;Password=…' is the expected form: a connection string of PostgreSQL's .NET driver (Npgsql)");
        }
    }

    /// <summary>Records print their members: this one may hold a password.</summary>
    public override string ToString() => Postgres is null ? "SQLite" : "PostgreSQL";
}
