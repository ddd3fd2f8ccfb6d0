using System.Diagnostics;
using System.Net.Sockets;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.Browser;

/// <summary>A real HAProxy in front of web nodes, without sticky sessions, with the options of deploy/haproxy.cfg that concern a dead node. It is killed when disposed.</summary>
sealed class LoadBalancer : IAsyncDisposable
{
    /// <summary>The header of an answer that names the node, by its number.</summary>
    public const string NodeHeader = "x-node";

    readonly Slidebridge.Tests.Support.TemporaryFolder folder = new();
    readonly int port = Files.FreePort();
    Process? process;

    public Uri Address => new($"http://127.0.0.1:{port}/");

    /// <exception cref="InvalidOperationException">HAProxy did not start.</exception>
    public static async Task<LoadBalancer> StartAsync(params Uri[] nodes)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/haproxy"), "HAProxy is not installed (apt-get install haproxy).");
        var balancer = new LoadBalancer();
        var file = balancer.folder.File("haproxy.cfg");
        await File.WriteAllTextAsync(file, $"""
            defaults
                mode http
                timeout connect 2s
                timeout client 75s
                timeout server 75s
            frontend web
                bind 127.0.0.1:{balancer.port}
                http-response set-header {NodeHeader} %s
                default_backend nodes
            backend nodes
                balance roundrobin
                option httpchk GET /health/ready
                option redispatch
                retries 3
                retry-on all-retryable-errors
                default-server check inter 200ms fall 1 rise 1
            {string.Join('\n', nodes.Select((node, i) => $"    server {i} 127.0.0.1:{node.Port}"))}

            """);
        balancer.process = Process.Start(new ProcessStartInfo("/usr/sbin/haproxy", ["-db", "-q", "-f", file]))!;
        while (!await balancer.ListensAsync())
        {
            if (balancer.process.HasExited) throw new InvalidOperationException($"HAProxy ended with {balancer.process.ExitCode}.");
            await Task.Delay(20);
        }
        return balancer;
    }

    async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process?.Dispose();
        folder.Dispose();
    }
}
