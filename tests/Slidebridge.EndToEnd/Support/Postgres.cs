namespace Slidebridge.EndToEnd.Support;

/// <summary>A database of a test's own: on the server that all tests of this assembly share, or on one that the test may stop.</summary>
sealed class Postgres : IAsyncDisposable
{
    readonly bool ownsServer;

    Postgres(PostgresServer server, bool ownsServer, string name) => (Server, this.ownsServer, Name) = (server, ownsServer, name);

    public PostgresServer Server { get; }

    /// <summary>The database that the nodes use.</summary>
    public string Name { get; private set; }

    /// <summary>What <c>--database</c> takes.</summary>
    public string Database => $"Host=127.0.0.1;Port={Server.Port};Database={Name};Username=postgres";

    /// <param name="ownServer">The test stops its server.</param>
    public static async Task<Postgres> CreateAsync(bool ownServer = false)
    {
        var server = ownServer ? await PostgresServer.StartAsync() : await SharedPostgres.ServerAsync();
        var postgres = new Postgres(server, ownServer, NewName());
        await server.ProgramAsync("createdb", postgres.Name);
        return postgres;
    }

    /// <summary>Writes all of it to a file.</summary>
    public Task DumpAsync(string file) => Server.ProgramAsync("pg_dump", "-d", Name, "-Fc", "-f", file);

    /// <summary>Replaces it by a new database with what a dump holds.</summary>
    public async Task RestoreAsync(string file)
    {
        var (old, restored) = (Name, NewName());
        await Server.ProgramAsync("createdb", restored);
        await Server.ProgramAsync("pg_restore", "-d", restored, file);
        await Server.ProgramAsync("dropdb", old);
        Name = restored;
    }

    public async ValueTask DisposeAsync()
    {
        if (ownsServer) await Server.DisposeAsync();
        else await Server.ProgramAsync("dropdb", "--force", "--if-exists", Name);
    }

    static string NewName() => "slidebridge_" + Guid.NewGuid().ToString("n")[..12];
}
