namespace Slidebridge.Security;

/// <summary>Headers of every answer: what may show a patient is kept by no cache, guessed at by no browser, and framed by no page.</summary>
static class GuardedAnswers
{
    public static Task AddHeaders(HttpContext context, Func<Task> next)
    {
        context.Response.OnStarting(static state =>
        {
            var headers = ((HttpResponse)state).Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            // A page says itself what it needs.
            if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
            if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            return Task.CompletedTask;
        }, context.Response);
        return next();
    }
}
