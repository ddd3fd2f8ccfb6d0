using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Slidebridge.Tests.Support;

/// <summary>A loopback server that keeps each request's target as its bytes came, before any library has read them; every path is the same object of 64 bytes.</summary>
sealed class WireServer : IAsyncDisposable
{
    const int Length = 64;

    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task serving;

    public WireServer()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public ConcurrentQueue<string> Targets { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving.ContinueWith(static _ => { }, TaskScheduler.Default);
        stop.Dispose();
    }

    async Task ServeAsync()
    {
        while (true) _ = AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token));
    }

    async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            while (await reader.ReadLineAsync(stop.Token) is { } line)
            {
                Targets.Enqueue(line["GET ".Length..line.LastIndexOf(' ')]);
                while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 })
                {
                }
                var head = $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-{Length - 1}/{Length}\r\nContent-Length: {Length}\r\n\r\n";
                await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(head + new string('x', Length)), stop.Token);
            }
        }
    }
}
