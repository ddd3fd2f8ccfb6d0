namespace Slidebridge.Techcyte;

/// <summary>The <c>Retry-After</c> header (RFC 9110 §10.2.3), as a time from now.</summary>
static class RetryAfter
{
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };
}
