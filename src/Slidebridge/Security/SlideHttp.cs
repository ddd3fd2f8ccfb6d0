using System.Net;
using System.Net.Sockets;
using Slidebridge.Slides;

namespace Slidebridge.Security;

/// <summary>
/// The HTTP client that slides are fetched with. Their URLs come from outside, so it reaches only public addresses, and those by https,
/// unless the host is allowed by name. The address is checked where the connection is made, after the name was resolved,
/// so neither a redirect nor a name that changes its address gets around it.
/// </summary>
sealed class SlideHttp : IDisposable
{
    readonly HttpClient client;

    /// <param name="options">Where slides may come from.</param>
    /// <param name="basis">How slides are opened otherwise; null: by the defaults.</param>
    public SlideHttp(OutboundOptions options, SlideOptions? basis = null)
    {
        client = new HttpClient(new Checked(options, new SocketsHttpHandler
        {
            ConnectCallback = (context, cancellationToken) => ConnectAsync(options, context.DnsEndPoint, cancellationToken),
            AllowAutoRedirect = false, // A presigned URL leads to its object; a redirect would escape the checks of its scheme.
            UseProxy = false, // A proxy would connect on our behalf, to where we cannot see.
            ActivityHeadersPropagator = null, // Our traces are none of a slide's host's business.
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }))
        { Timeout = Timeout.InfiniteTimeSpan };
        Options = (basis ?? new SlideOptions()) with { HttpClient = client };
    }

    /// <summary>How slides are opened with this client.</summary>
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

    /// <summary>On a thread of its own: the system's resolver blocks, and a name server that does not answer would take the threads that everything else runs on.</summary>
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

    /// <summary>Names that are looked up at a time.</summary>
    static readonly SemaphoreSlim Resolving = new(64);

    sealed class Checked(OutboundOptions options, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            options.Refusal(request.RequestUri!, isSlide: request.Method == HttpMethod.Get) is { } refusal
                ? throw new HostNotAllowedException(refusal) : base.SendAsync(request, cancellationToken);
    }
}

/// <summary>A slide's URL leads where the bridge does not go. Trying again does not change that.</summary>
sealed class HostNotAllowedException(string why) : SlideSourceException(SlideSourceFailure.Forbidden, why);
