using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Techcyte;

/// <summary>The API key's access token: fetched once, shared by all tasks, renewed before it expires or when the platform refuses it.</summary>
sealed class ApiKeyTokens(HttpClient http, PlatformOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Renewed this long before its expiry, so that it does not expire during a request.</summary>
    static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    /// <summary>How long a token without a readable expiry is used; it is renewed earlier if the platform refuses it.</summary>
    static readonly TimeSpan UnknownLifetime = TimeSpan.FromMinutes(30);

    readonly SemaphoreSlim renewing = new(1, 1);
    volatile Held? held;
    Failure? failed;

    sealed record Held(string Token, DateTimeOffset RenewAt);

    /// <param name="At">A timestamp of <see cref="TimeProvider"/>.</param>
    sealed record Failure(long At, PlatformException Why);

    /// <summary>Whether an API key is set.</summary>
    public bool Available => options.ApiKeyId is not null;

    /// <summary>A token that should be valid.</summary>
    /// <exception cref="PlatformException">No token is available; the message says why.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } token) return token;
        var asked = time.GetTimestamp();
        await renewing.WaitAsync(cancellationToken);
        try
        {
            if (Fresh() is { } renewed) return renewed;
            // Callers that waited for a failed fetch share its failure: a silent platform does not delay them one after the other.
            if (failed is { } other && other.At >= asked) throw new PlatformException(other.Why.Message, other.Why.RetryAfter, other.Why);
            held = await FetchAsync(cancellationToken);
            return held.Token;
        }
        catch (PlatformException e) when (e.InnerException is not PlatformException)
        {
            failed = new Failure(time.GetTimestamp(), e);
            throw;
        }
        finally
        {
            renewing.Release();
        }
    }

    /// <summary>The platform refused <paramref name="token"/>: the next call fetches another, unless that has already happened.</summary>
    public void Forget(string token)
    {
        if (held is { } current && current.Token == token) held = null;
    }

    string? Fresh() => held is { } current && time.GetUtcNow() < current.RenewAt ? current.Token : null;

    async Task<Held> FetchAsync(CancellationToken cancellationToken)
    {
        if (!Available) throw new PlatformException("The task has no valid token, and no API key is set (--api-key-id, --api-key-secret).");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Address, "/api/v3/token"))
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.ApiKeyId}:{options.ApiKeySecret}")));
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new PlatformException($"The platform refused the API key ({(int)response.StatusCode}): check --api-key-id and --api-key-secret.");
            if (!response.IsSuccessStatusCode)
                throw new PlatformException($"The platform returned no token ({(int)response.StatusCode}).", RetryAfter.Of(response, time));
            return Parse(await response.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or JsonException || PlatformClient.IsTimeout(e, cancellationToken))
        {
            throw new PlatformException($"No token could be fetched from {options.Address.Host}: {PlatformClient.Cause(e)}.", null, e);
        }
    }

    Held Parse(byte[] body)
    {
        using var json = JsonDocument.Parse(ReceivedJson.ToUtf8(body));
        if (json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty("access_token", out var value) || value.ValueKind != JsonValueKind.String)
            throw new PlatformException("The platform's answer to the token request has no access_token.");
        var token = value.GetString()!;
        var now = time.GetUtcNow();
        return new Held(token, AccessToken.Expiry(token) is { } expiry ? expiry - Margin : now + UnknownLifetime);
    }

    public void Dispose() => renewing.Dispose();
}
