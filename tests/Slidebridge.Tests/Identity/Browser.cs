using System.Net;
using System.Text.RegularExpressions;

namespace Slidebridge.Tests.Identity;

/// <summary>What a browser does in a sign-in: keeps cookies, follows links, and sends a provider's form.</summary>
sealed partial class Browser : IDisposable
{
    readonly HttpClient http;

    public Browser() => http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false });

    public CookieContainer Cookies { get; } = new();

    /// <summary>Every address that it was sent to.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>Opens a page, signs in where a form asks for the user, and returns the last answer.</summary>
    public async Task<HttpResponseMessage> OpenAsync(Uri page, string? user = null)
    {
        var response = await GetAsync(page);
        for (var steps = 0; steps < 20; steps++)
        {
            if (response.Headers.Location is { } location)
            {
                page = new Uri(page, location);
                response = await GetAsync(page);
                continue;
            }
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (user is null || !text.Contains("<input name=user>", StringComparison.Ordinal)) return response;
            var fields = HiddenFields().Matches(text).Select(field => KeyValuePair.Create(field.Groups[1].Value, WebUtility.HtmlDecode(field.Groups[2].Value))).Append(new("user", user));
            using var form = new FormUrlEncodedContent(fields);
            response = await http.PostAsync(new Uri(page.GetLeftPart(UriPartial.Path)), form, TestContext.Current.CancellationToken);
        }
        throw new InvalidOperationException("The redirections do not end.");
    }

    /// <summary>One request of a page, as a browser makes it.</summary>
    public async Task<HttpResponseMessage> GetAsync(Uri page)
    {
        Visited.Add(page);
        using var request = new HttpRequestMessage(HttpMethod.Get, page) { Headers = { { "Accept", "text/html" } } };
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>One call of the API by a page of this site, or of another.</summary>
    public async Task<HttpStatusCode> CallAsync(HttpMethod method, Uri address, string site = "same-origin", bool isBackground = false)
    {
        using var request = new HttpRequestMessage(method, address) { Headers = { { "Accept", "application/json" }, { "Sec-Fetch-Site", site } } };
        if (isBackground) request.Headers.Add("X-Background", "1");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("<input type=hidden name=(\\S+) value=\"([^\"]*)\">")]
    private static partial Regex HiddenFields();
}
