[assembly: AssemblyFixture(typeof(Slidebridge.EndToEnd.Support.SharedPostgres))]

namespace Slidebridge.EndToEnd.Support;

/// <summary>The one PostgreSQL server of the assembly, started by the first test that needs it.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    static Lazy<Task<PostgresServer>> server = new(PostgresServer.StartAsync);

    internal static Task<PostgresServer> ServerAsync() => server.Value;

    public async ValueTask DisposeAsync()
    {
        var started = server;
        server = new(PostgresServer.StartAsync);
        if (started.IsValueCreated && started.Value.IsCompletedSuccessfully) await (await started.Value).DisposeAsync();
    }
}
