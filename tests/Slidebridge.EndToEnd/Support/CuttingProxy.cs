using System.Net;
using System.Net.Sockets;

namespace Slidebridge.EndToEnd.Support;

/// <summary>A proxy in front of web nodes that passes each connection to one of those that are there, and cuts some of them in the middle of what the client sends.</summary>
sealed class CuttingProxy : IAsyncDisposable
{
    /// <summary>Of ten connections.</summary>
    const int Cut = 2;

    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource ending = new();
    readonly Func<IReadOnlyList<Uri>> targets;
    readonly Random random;
    readonly Task accepting;

    public CuttingProxy(Func<IReadOnlyList<Uri>> targets, int seed)
    {
        (this.targets, random) = (targets, new Random(seed));
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

    /// <summary>Connections are cut.</summary>
    public volatile bool Cuts;

    /// <summary>How many were.</summary>
    public int Count;

    async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await listener.AcceptTcpClientAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The test ends.
        }
    }

    async Task PassAsync(TcpClient client)
    {
        long? left = null;
        int start;
        lock (random)
        {
            if (Cuts && random.Next(10) < Cut) left = random.Next(100, 20_000);
            start = random.Next(100);
        }
        using (client)
        {
            var all = targets();
            for (var i = 0; i < all.Count; i++)
            {
                using var server = new TcpClient();
                try
                {
                    var target = all[(start + i) % all.Count];
                    await server.ConnectAsync(target.Host, target.Port, ending.Token);
                }
                catch (SocketException)
                {
                    continue; // This node is down.
                }
                try
                {
                    await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), left), CopyAsync(server.GetStream(), client.GetStream(), null));
                }
                finally
                {
                    // Both ends see a reset, as when a proxy dies.
                    client.LingerState = server.LingerState = new LingerOption(true, 0);
                }
                return;
            }
        }
    }

    async Task CopyAsync(NetworkStream from, NetworkStream to, long? left)
    {
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, ending.Token)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), ending.Token);
                if ((left -= count) > 0 || left is null) continue;
                Interlocked.Increment(ref Count);
                return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await accepting;
        listener.Stop();
        ending.Dispose();
    }
}
