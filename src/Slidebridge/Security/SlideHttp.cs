using System.Net;
using System.Net.Sockets;
using Slidebridge.Slides;

namespace Slidebridge.Security;

/// <summary>
/// The HTTP client that fetches slides. Slides' URLs come from outside, so the client connects only to public addresses, and only by HTTPS,
/// unless the host is explicitly allowed. The address is checked when the connection is made, after the name was resolved,
/// so neither a redirect nor a name whose address changes can bypass the check.
/// </summary>
sealed class SlideHttp : IDisposable
{
    readonly HttpClient client;

    /// <param name="options">The hosts that slides may come from.</param>
    /// <param name="basis">Other options for opening slides; null: the defaults.</param>
    /// <param name="relay">The bridge that relays slides to this worker; null: none.</param>
    public SlideHttp(OutboundOptions options, SlideOptions? basis = null, SlideRelay? relay = null)
    {
        client = new HttpClient(new Checked(options, new SocketsHttpHandler
        {
            ConnectCallback = (context, cancellationToken) => ConnectAsync(options, context.DnsEndPoint, cancellationToken),
            AllowAutoRedirect = false, // A presigned URL needs no redirect, and a redirect's scheme would not be checked.
            UseProxy = false, // A proxy would connect to an address that the bridge cannot check.
            ActivityHeadersPropagator = null, // Do not send the bridge's trace ids to slide hosts.
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = relay?.Tls() ?? new(),
        }, relay))
        { Timeout = Timeout.InfiniteTimeSpan };
        Options = (basis ?? new SlideOptions()) with { HttpClient = client };
    }

    /// <summary>The options for opening slides with this client.</summary>
    public SlideOptions Options { get; }

    public void Dispose() => client.Dispose();

    static async ValueTask<Stream> ConnectAsync(OutboundOptions options, DnsEndPoint host, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host.Host, cancellationToken);
        var reachable = Array.FindAll(addresses, address => options.MayReach(host.Host, host.Port, address));
        if (reachable.Length == 0) throw new HostNotAllowedException(options.WhyUnreachable(host.Host, addresses));

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(reachable, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>On a separate thread: the system's resolver blocks, and a name server that does not answer would occupy thread pool threads that everything else needs.</summary>
    static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal)) return [literal];
        await Resolving.WaitAsync(cancellationToken);
        var resolved = Task.Factory.StartNew(() => Dns.GetHostAddresses(host), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _ = resolved.ContinueWith(static done =>
        {
            _ = done.Exception;
            Resolving.Release();
        }, TaskScheduler.Default);
        return await resolved.WaitAsync(cancellationToken);
    }

    /// <summary>Maximum host names that are resolved at the same time.</summary>
    static readonly SemaphoreSlim Resolving = new(64);

    sealed class Checked(OutboundOptions options, HttpMessageHandler inner, SlideRelay? relay) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (options.Refusal(request.RequestUri!, isSlide: request.Method == HttpMethod.Get) is { } refusal) throw new HostNotAllowedException(refusal);
            relay?.Authorize(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>The bridge does not fetch slides from this URL's host. A retry does not help.</summary>
sealed class HostNotAllowedException(string why) : SlideSourceException(SlideSourceFailure.Forbidden, why);
