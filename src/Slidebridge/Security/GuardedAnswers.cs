namespace Slidebridge.Security;

/// <summary>Headers of every answer: no cache may store it, no browser may guess its content type, and no page may frame it, because it may show a patient.</summary>
static class GuardedAnswers
{
    /// <summary>For answers that are not pages: a browser that opens one as a page runs and loads nothing.</summary>
    const string DataPolicy = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    /// <summary>The proxy's caller came by HTTPS: cookies are secure, and links of the bridge begin with https.</summary>
    public static Task CallIsSecure(HttpContext context, Func<Task> next)
    {
        context.Request.Scheme = "https";
        return next();
    }

    public static Task AddHeaders(HttpContext context, Func<Task> next)
    {
        context.Response.OnStarting(static state =>
        {
            var response = (HttpResponse)state;
            var headers = response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            // A browser that has come by HTTPS once does not come by plain HTTP again, nor to a subdomain, from where a cookie could be set (RFC 6797).
            if (response.HttpContext.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            // A page sets the policy that it needs.
            if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
            if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = DataPolicy;
            return Task.CompletedTask;
        }, context.Response);
        return next();
    }
}
