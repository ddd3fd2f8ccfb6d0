using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Slidebridge.Hosting;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Storage;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Identity;

/// <summary>Sign-in with a real identity provider, by a client with cookies.</summary>
public sealed class SignInTests(IdentityProvider provider) : IClassFixture<IdentityProvider>
{
    const string Shared = "b7e1-9c44-shared-by-all";

    string Roles { get; set; } = """ "lab-viewers=viewer", "lab-operators=operator", "company-1234=viewer:1234" """;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_signs_in_with_the_role_of_the_group_and_signs_out()
    {
        await using var bridge = await StartAsync();
        using var browser = new Browser();
        var page = new Uri(bridge.Address, "/tasks?search=17");

        using var opened = await browser.OpenAsync(page, "anna");

        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Equal(page, browser.Visited[^1]);
        var asked = browser.Visited.Single(v => v.AbsolutePath == "/connect/authorize").Query;
        foreach (var part in (string[])["response_type=code", "code_challenge=", "code_challenge_method=S256", "state=", "nonce="]) Assert.Contains(part, asked, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, new Uri(bridge.Address, "/api/tasks/17/retry")));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/audit")));
        // The cookie holds a key and nothing else, and no script can read it.
        var cookie = browser.Cookies.GetCookies(bridge.Address).Single(c => c.Name == "slidebridge");
        Assert.True(cookie.HttpOnly);

        using var left = await browser.OpenAsync(new Uri(bridge.Address, "/signout"));

        Assert.Contains(browser.Visited, v => v.AbsolutePath == "/connect/logout" && v.Query.Contains("id_token_hint=", StringComparison.Ordinal));
        Assert.Equal("You are signed out of Slidebridge.", await left.Content.ReadAsStringAsync(Token));
        Assert.Equal("\"cache\", \"storage\"", left.Headers.GetValues("Clear-Site-Data").Single());
        using (var again = await browser.OpenAsync(bridge.Address)) Assert.Contains("<input name=user>", await again.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        // A copy of the cookie is of no use: the session is gone.
        using var thief = new Browser();
        thief.Cookies.Add(bridge.Address, new Cookie(cookie.Name, cookie.Value));
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
        Assert.Equal(["sign-in", "sign-out"], (await LinesAsync(bridge, "anna@lab.example via 127.0.0.1", 2)).Where(l => l.Outcome is null).Select(l => l.Action));
    }

    [Fact]
    public async Task An_operator_acts_from_this_site_s_pages_only()
    {
        await using var bridge = await StartAsync();
        using var browser = new Browser();
        using var opened = await browser.OpenAsync(bridge.Address, "otto");
        var retry = new Uri(bridge.Address, "/api/tasks/17/retry");

        Assert.Equal(HttpStatusCode.NotFound, await browser.CallAsync(HttpMethod.Post, retry));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, retry, site: "cross-site"));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/signout"), site: "cross-site"));
    }

    [Fact]
    public async Task A_person_whose_groups_have_no_role_is_refused_in_a_sentence()
    {
        await using var bridge = await StartAsync();
        using var browser = new Browser();

        using var refused = await browser.OpenAsync(bridge.Address, "eve");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith("eve@lab.example via 127.0.0.1 has signed in, but none of their groups", (await JsonAsync(refused)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
        Assert.StartsWith("refused", (await LinesAsync(bridge, "eve@lab.example via 127.0.0.1", 1))[0].Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_may_be_of_one_company()
    {
        await using var bridge = await StartAsync();
        using var browser = new Browser();
        using var opened = await browser.OpenAsync(bridge.Address, "carl");

        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/metrics")));
    }

    [Fact]
    public async Task An_admin_sees_who_is_signed_in_and_ends_a_persons_sessions()
    {
        await using var bridge = await StartAsync((ServeSettings.ApiToken, Shared));
        using Browser first = new(), second = new(), other = new();
        foreach (var (browser, person) in ((Browser, string)[])[(first, "anna"), (second, "anna"), (other, "otto")]) (await browser.OpenAsync(bridge.Address, person)).Dispose();
        const string anna = "anna@lab.example via 127.0.0.1";
        var address = $"/api/sessions?name={Uri.EscapeDataString(anna)}";

        Assert.Equal(HttpStatusCode.Forbidden, await other.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/sessions")));
        Assert.Equal(HttpStatusCode.Forbidden, await other.CallAsync(HttpMethod.Delete, new Uri(bridge.Address, address)));
        using var list = await bridge.SendAsync(HttpMethod.Get, "/api/sessions", Shared);
        Assert.Equal([anna, anna, "otto@lab.example via 127.0.0.1"], (await JsonAsync(list)).EnumerateArray().Select(s => s.GetProperty("name").GetString()).Order());
        using var ended = await bridge.SendAsync(HttpMethod.Delete, address, Shared);

        Assert.Equal(2, (await JsonAsync(ended)).GetProperty("ended").GetInt32());
        foreach (var browser in (Browser[])[first, second]) Assert.Equal(HttpStatusCode.Unauthorized, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/me")));
        Assert.Equal("operator", await RoleAsync(other, bridge));
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.SendAsync(HttpMethod.Delete, address, Shared)).StatusCode);
        Assert.Equal($"2 sessions of {anna}", (await bridge.AuditAsync(1, line => line.Action == "sessions end"))[0].Subject);
    }

    [Fact]
    public async Task On_HTTPS_every_cookie_is_of_this_host_alone_and_no_script_reads_it()
    {
        await using var bridge = await StartAsync((ServeSettings.BehindProxy, "yes"));
        using var browser = new Browser();

        using var sent = await browser.GetAsync(bridge.Address);

        var cookies = sent.Headers.GetValues("Set-Cookie").ToList();
        Assert.Equal(2, cookies.Count);
        var session = bridge.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SignIn.Session);
        cookies.Add(session.Cookie.Build(new DefaultHttpContext()).CreateCookieHeader(session.Cookie.Name!, "x").ToString() + "; path=/");
        Assert.All(cookies, cookie =>
        {
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            foreach (var part in (string[])["; path=/;", "; secure", "; samesite=lax", "; httponly"]) Assert.Contains(part, cookie + ";", StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Only_signatures_with_the_providers_private_key_count()
    {
        await using var bridge = await StartAsync();
        var oidc = bridge.Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(SignIn.Provider);
        var accepted = oidc.TokenValidationParameters;

        Assert.All(accepted.ValidAlgorithms, algorithm => Assert.Matches("^(RS|PS|ES)(256|384|512)$", algorithm));
        Assert.NotEmpty(accepted.ValidAlgorithms);
        Assert.True(accepted is { RequireSignedTokens: true, RequireExpirationTime: true, ValidateAudience: true, ValidateIssuer: true, ValidateLifetime: true });
        Assert.True(oidc is { UsePkce: true, ResponseType: "code", SaveTokens: false });
    }

    [Theory]
    [InlineData(nameof(ServeSettings.SessionLimit))]
    [InlineData(nameof(ServeSettings.SessionIdle))]
    public async Task A_session_ends(string limit)
    {
        await using var bridge = await StartAsync((limit == nameof(ServeSettings.SessionLimit) ? ServeSettings.SessionLimit : ServeSettings.SessionIdle, "2s"));
        using var browser = new Browser();
        using var opened = await browser.OpenAsync(bridge.Address, "anna");
        var tasks = new Uri(bridge.Address, "/api/tasks");
        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, tasks));

        // Use does not prolong the whole session; no use ends it sooner.
        if (limit == nameof(ServeSettings.SessionIdle)) await Task.Delay(2500, Token);
        while (await browser.CallAsync(HttpMethod.Get, tasks) is HttpStatusCode.OK) await Task.Delay(100, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, await browser.CallAsync(HttpMethod.Get, tasks));
    }

    [Fact]
    public async Task A_provider_s_answer_that_is_stolen_or_made_up_signs_nobody_in()
    {
        await using var bridge = await StartAsync();
        using Browser victim = new(), thief = new();
        using var opened = await victim.OpenAsync(bridge.Address, "otto");
        var answer = victim.Visited.Single(v => v.AbsolutePath == "/signin-oidc");

        foreach (var (browser, uri) in ((Browser, Uri)[])[(thief, answer), (victim, answer), (thief, new Uri(bridge.Address, "/signin-oidc?code=x&state=y")), (thief, new Uri(bridge.Address, "/signin-oidc?error=%3Cscript%3E"))])
        {
            using var refused = await browser.GetAsync(uri);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("The sign-in failed or took too long. Open the page again.", (await JsonAsync(refused)).GetProperty("detail").GetString());
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
    }

    [Fact]
    public async Task A_new_sign_in_does_not_continue_the_session_before_it()
    {
        await using var bridge = await StartAsync();
        using Browser browser = new(), thief = new();
        using (await browser.OpenAsync(bridge.Address, "carl")) { }
        var old = browser.Cookies.GetCookies(bridge.Address).Single(c => c.Name == "slidebridge").Value;
        thief.Cookies.Add(bridge.Address, new Cookie("slidebridge", old));
        Assert.Equal(HttpStatusCode.OK, await thief.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));

        // A second tab: the page was opened before the first sign-in, and the provider knows another person now.
        using (await browser.OpenAsync(new Uri(provider.Address, "/connect/logout"))) { }
        using var other = new Browser();
        using var started = await other.GetAsync(bridge.Address);
        foreach (Cookie cookie in other.Cookies.GetCookies(new Uri(bridge.Address, "/signin-oidc"))) browser.Cookies.Add(bridge.Address, new Cookie(cookie.Name, cookie.Value, cookie.Path));
        using (await browser.OpenAsync(started.Headers.Location!, "otto")) { }

        Assert.NotEqual(old, browser.Cookies.GetCookies(bridge.Address).Single(c => c.Name == "slidebridge").Value);
        Assert.Equal("operator", await RoleAsync(browser, bridge));
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/tasks")));
    }

    [Fact]
    public async Task A_page_that_updates_itself_does_not_prolong_the_session()
    {
        await using var bridge = await StartAsync((ServeSettings.SessionIdle, "2s"));
        using var browser = new Browser();
        using var opened = await browser.OpenAsync(bridge.Address, "anna");
        var tasks = new Uri(bridge.Address, "/api/tasks");

        // Used beyond the idle time, then only updated.
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, tasks));
            await Task.Delay(400, Token);
        }
        while (await browser.CallAsync(HttpMethod.Get, tasks, isBackground: true) is HttpStatusCode.OK) await Task.Delay(100, Token);
    }

    [Fact]
    public async Task Rights_that_a_group_has_lost_are_lost_by_its_members_sessions()
    {
        using var folder = new TemporaryFolder();
        using var browser = new Browser();
        await using (var bridge = await StartAsync((ServeSettings.Data, folder.File("data"))))
        {
            using var opened = await browser.OpenAsync(bridge.Address, "otto");
            Assert.Equal("operator", await RoleAsync(browser, bridge));
        }
        Roles = """ "lab-operators=viewer:77" """;
        await using (var bridge = await StartAsync((ServeSettings.Data, folder.File("data")))) Assert.Equal("viewer", await RoleAsync(browser, bridge));
        Roles = """ "others=viewer" """;
        await using (var bridge = await StartAsync((ServeSettings.Data, folder.File("data")))) Assert.Equal(HttpStatusCode.Unauthorized, await browser.CallAsync(HttpMethod.Get, new Uri(bridge.Address, "/api/me")));
    }

    static async Task<string?> RoleAsync(Browser browser, TestBridge bridge)
    {
        using var me = await browser.GetAsync(new Uri(bridge.Address, "/api/me"));
        return (await JsonAsync(me)).GetProperty("role").GetString();
    }

    [Fact]
    public async Task Beside_sign_in_tokens_work_and_this_machine_alone_is_not_enough()
    {
        await using var bridge = await StartAsync((ServeSettings.ApiToken, Shared));
        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.GetAsync("/api/tasks")).StatusCode);
        bridge.Http.DefaultRequestHeaders.Authorization = new("Bearer", Shared);
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync("/api/tasks")).StatusCode);
    }

    [Fact]
    public void Groups_get_the_highest_role_and_only_the_companies_of_the_groups_that_give_it()
    {
        SignInOptions options = new(new Uri("https://login.example"), "c", null, ["openid"], "groups",
            [.. ((string[])["a=viewer", "b=operator:1+2", "c=operator:3", "d=operator", "cn=x,dc=y=admin"]).Select(text => NamedRole.Parse(text, "GROUP"))], TimeSpan.FromHours(8), TimeSpan.FromMinutes(30));
        Assert.Null(options.RoleOf(["z", "A"]));
        Assert.Equal((Role.Viewer, 0), Of("a"));
        Assert.Equal((Role.Operator, 2), Of("a", "b"));
        Assert.Equal((Role.Operator, 3), Of("b", "c"));
        Assert.Equal((Role.Operator, 0), Of("b", "d"));
        Assert.Equal((Role.Admin, 0), Of("b", "cn=x,dc=y"));
        foreach (var wrong in (string[])["a", "=viewer", "a=owner", "a=viewer:", "a=admin:1"]) Assert.Throws<FormatException>(() => NamedRole.Parse(wrong, "GROUP"));

        (Role, int) Of(params string[] groups) => options.RoleOf(groups) is var (role, companies) ? (role, companies.Count) : throw new InvalidOperationException("no role");
    }

    Task<TestBridge> StartAsync(params (Setting Setting, string Value)[] more) => TestBridge.StartAsync(
    [
        (ServeSettings.OidcAuthority, provider.Address.ToString()), (ServeSettings.OidcClient, IdentityProvider.Client), (ServeSettings.OidcSecret, IdentityProvider.Secret),
        .. more,
    ], json: $"{{ \"oidcRole\": [{Roles}] }}");

    static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;

    static Task<List<AuditEntry>> LinesAsync(TestBridge bridge, string who, int least) => bridge.AuditAsync(least, line => line.Who == who && line.Action.StartsWith("sign-"));
}
