namespace Slidebridge.Tests.Support;

/// <summary>Tests of slides that lie in a file and behind a range server.</summary>
public abstract class ServedSlideTests : IAsyncLifetime
{
    internal TemporaryFolder Folder { get; } = new();

    internal RangeServer Server { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Server = await RangeServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
