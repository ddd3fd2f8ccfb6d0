using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Slidebridge.Provenance;
using Slidebridge.Storage;
using Slidebridge.Techcyte;
using StandardWebhooks;

namespace Slidebridge.Events;

/// <summary>Posts events to <c>--events-url</c>, signed as Standard Webhooks 1.0.0 describes.</summary>
sealed class WebhookSink : IEventSink, IDisposable
{
    static readonly ProductInfoHeaderValue Agent = new("Slidebridge", (AssemblyVersion.Of(typeof(WebhookSink).Assembly) ?? "0").Split('+')[0]);

    readonly EventUrl url;
    readonly TimeProvider time;
    readonly HttpClient http;
    readonly IReadOnlyList<StandardWebhook> signers;

    public WebhookSink(EventUrl url, TimeProvider time)
    {
        (this.url, this.time) = (url, time);
        signers = [.. url.Secrets.Select(secret => new StandardWebhook(secret))];
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A receiver must not send the bridge elsewhere.
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Name => EventOptions.UrlSink;

    public string Description => $"--events-url ({url.Address.Host})";

    public async Task<SendOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(url.Timeout);
        try
        {
            using var request = Sign(outgoing);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return OutcomeOf(response);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return new SendOutcome(SendStatus.Failed, $"it could not be reached: {PlatformClient.Cause(e)}");
        }
    }

    /// <summary>The id is the same in every attempt; time and signature are the attempt's.</summary>
    internal HttpRequestMessage Sign(OutgoingEvent outgoing)
    {
        var now = time.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, url.Address) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(outgoing.Body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(Agent.Product!));
        request.Headers.Add("webhook-id", outgoing.EventId);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', signers.Select(signer => signer.Sign(outgoing.EventId, now, outgoing.Body))));
        return request;
    }

    /// <summary>Every answer but 2xx is a failure, and is tried again: who repairs a receiver that answers 404 loses no event. 410 ends it (Standard Webhooks 1.0.0, delivery success and failure).</summary>
    SendOutcome OutcomeOf(HttpResponseMessage response) => response.StatusCode switch
    {
        >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => new(SendStatus.Accepted),
        HttpStatusCode.Gone => new(SendStatus.Gone, "it answered 410 (Gone)"),
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => new(SendStatus.Busy, $"it answered {(int)response.StatusCode}", RetryAfter.Of(response, time)),
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(SendStatus.Failed, $"it answered {(int)response.StatusCode}; redirects are not followed"),
        _ => new(SendStatus.Failed, $"it answered {(int)response.StatusCode}", RetryAfter.Of(response, time)),
    };

    public void Dispose() => http.Dispose();
}
