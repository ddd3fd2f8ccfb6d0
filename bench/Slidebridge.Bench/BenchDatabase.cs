using System.Globalization;
using Npgsql;

namespace Slidebridge.Bench;

/// <summary>Databases of the benches on a PostgreSQL server.</summary>
static class BenchDatabase
{
    static int databases;

    /// <param name="server">The server, such as <c>Host=127.0.0.1;Username=postgres</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The new database's connection string.</returns>
    public static async Task<string> MakeAsync(string server, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"slidebridge_bench_{Environment.ProcessId}_{++databases}");
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = "postgres" });
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }
}
