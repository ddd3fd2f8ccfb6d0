using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>
/// People sign in with a browser: OpenID Connect's authorization code flow with PKCE, then a session in the database. The provider says who somebody is and in which groups; <c>--oidc-role</c> says what a group may do.
/// 1. A page that needs a role sends the browser to the provider. 2. The provider sends it back with a code. 3. The bridge exchanges the code for an id token, and maps its groups to a role.
/// 4. The cookie holds a random key of the session. 5. A sign-out deletes the session, and signs out at the provider.
/// </summary>
static class SignIn
{
    public const string Session = "session", Provider = "oidc";

    public const string SignOutPath = "/signout";

    /// <summary>The page sends it with calls that no person has caused.</summary>
    public const string BackgroundHeader = "X-Background";

    const string SignedOut = "/signed-out", Began = "began", Groups = "groups";

    /// <summary>ASP.NET Core's claim in the cookie that holds the session store's key.</summary>
    const string SessionKeyClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    /// <summary>The claims that may say who somebody is, the most readable one first (OpenID Connect Core 1.0, 5.1).</summary>
    static readonly string[] Names = ["preferred_username", "email", "name", "sub"];

    /// <summary>RSA and elliptic curves with SHA-2 (RFC 7518, 3.1).</summary>
    static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static AuthenticationBuilder AddSignIn(this AuthenticationBuilder authentication, SignInOptions options, bool isSecure)
    {
        authentication.Services.AddSingleton<StoredSessions>().AddDataProtection();
        authentication.Services.AddOptions<CookieAuthenticationOptions>(Session).Configure<StoredSessions>((cookie, sessions) => cookie.SessionStore = sessions);
        return authentication
            .AddCookie(Session, cookie =>
            {
                // The prefix makes browsers refuse the cookie unless it is secure, for this host alone and for all paths (RFC 6265bis 4.1.3.2).
                cookie.Cookie.Name = isSecure ? "__Host-slidebridge" : "slidebridge";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
                (cookie.ExpireTimeSpan, cookie.SlidingExpiration) = (options.Idle < options.Session ? options.Idle : options.Session, true);
                cookie.Events.OnValidatePrincipal = context => CheckAsync(context, options);
                cookie.Events.OnCheckSlidingExpiration = context =>
                {
                    // A page that updates itself is not a person who uses it.
                    if (context.Request.Headers.ContainsKey(BackgroundHeader)) context.ShouldRenew = false;
                    return Task.CompletedTask;
                };
            })
            .AddOpenIdConnect(Provider, oidc =>
            {
                oidc.SignInScheme = Session;
                oidc.SignOutScheme = Session;
                oidc.Authority = options.Authority.ToString();
                oidc.RequireHttpsMetadata = !options.Authority.IsLoopback;
                (oidc.ClientId, oidc.ClientSecret) = (options.Client, options.Secret);
                (oidc.ResponseType, oidc.ResponseMode, oidc.UsePkce) = (OpenIdConnectResponseType.Code, OpenIdConnectResponseMode.Query, true);
                oidc.Scope.Clear();
                foreach (var scope in options.Scopes) oidc.Scope.Add(scope);
                oidc.MapInboundClaims = false;
                // Any site's link could end the session by it.
                oidc.RemoteSignOutPath = default;
                // The answer comes as a link of the provider's page, so these cookies need not be sent with other sites' forms.
                foreach (var (cookie, name) in ((CookieBuilder, string)[])[(oidc.CorrelationCookie, "correlation"), (oidc.NonceCookie, "nonce")])
                {
                    (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest);
                    if (isSecure) (cookie.Name, cookie.Path) = ($"__Host-slidebridge-{name}.", "/"); // As the session's.
                }
                // A provider signs with its private key. Neither an unsigned token nor one that is signed with a shared secret says who somebody is (RFC 8725, 3.1).
                oidc.TokenValidationParameters.ValidAlgorithms = Algorithms;
                oidc.Events.OnTokenValidated = context => AcceptAsync(context, options);
                oidc.Events.OnRemoteFailure = RefuseAsync;
            });
    }

    /// <summary><c>GET /signout</c>, and the page after it, which signs nobody in again.</summary>
    public static void MapSignOut(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(SignOutPath, async (HttpContext context, IOptionsMonitor<OpenIdConnectOptions> oidc, CancellationToken cancellationToken) =>
        {
            Clear(context);
            // Some providers have no sign-out.
            var endsThere = (await oidc.Get(Provider).ConfigurationManager!.GetConfigurationAsync(cancellationToken)).EndSessionEndpoint is { Length: > 0 };
            return TypedResults.SignOut(new AuthenticationProperties { RedirectUri = SignedOut }, endsThere ? [Session, Provider] : [Session]);
        }).For(Role.Viewer).RefuseOtherSites().ExcludeFromDescription();
        routes.MapGet(SignedOut, (HttpContext context) =>
        {
            Clear(context);
            return TypedResults.Text("You are signed out of Slidebridge.");
        }).AllowAnonymous().ExcludeFromDescription();

        // The browser also forgets what it has stored. Not its cookies: it would delete those of the other hosts of this domain, too.
        static void Clear(HttpContext context) => context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
    }

    /// <summary>Whether a browser opens a page: only then can it be sent to the provider.</summary>
    public static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    static async Task AcceptAsync(TokenValidatedContext context, SignInOptions options)
    {
        var (person, http) = (context.Principal!, context.HttpContext);
        var name = Names.Select(type => person.FindFirst(type)?.Value).FirstOrDefault(value => value is { Length: > 0 }) ?? "unknown";
        // A name is not unique, and another person or a token may have the same: who vouches for it stands beside it, and the sign-in's line has the subject, which is unique there.
        name = $"{name} via {options.Authority.Host}";
        var from = http.Connection.RemoteIpAddress?.ToString();
        string[] groups = [.. person.FindAll(options.GroupsClaim).Select(claim => claim.Value)];
        if (options.RoleOf(groups) is not var (role, companies))
        {
            http.RequestServices.GetRequiredService<AuditLog>().Refuse(name, from, "sign-in", "none of the person's groups has a role (--oidc-role)");
            context.Fail($"{name} has signed in, but none of their groups may use this bridge. Ask its administrator (--oidc-role).");
            return;
        }
        await ForgetSessionAsync(http);
        context.Principal = Callers.Principal(new Caller(name, role, companies, from), Session);
        var items = context.Properties!.Items;
        items[Began] = Now(http).ToString("O", CultureInfo.InvariantCulture);
        items[Groups] = JsonSerializer.Serialize(groups, SignInJson.Default.StringArray);
        items[StoredSessions.From] = from;
        items[StoredSessions.Subject] = person.FindFirst("sub")?.Value;
        // The provider's sign-out wants to know which session ends.
        if (context.TokenEndpointResponse?.IdToken is { } token) context.Properties.StoreTokens([new AuthenticationToken { Name = OpenIdConnectParameterNames.IdToken, Value = token }]);
    }

    /// <summary>A browser may already have a session, perhaps another person's, or one whose key somebody knows. The new one must not continue it: it gets a new key (OWASP ASVS 5, 7.2.4).</summary>
    static async Task ForgetSessionAsync(HttpContext context)
    {
        var cookies = context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Session);
        if (cookies.CookieManager.GetRequestCookie(context, cookies.Cookie.Name!) is not { } cookie) return;
        if (cookies.TicketDataFormat.Unprotect(cookie)?.Principal.FindFirst(SessionKeyClaim)?.Value is { } key) await context.RequestServices.GetRequiredService<StoredSessions>().RemoveAsync(key);
        context.Request.Headers.Remove("Cookie"); // Else the handler reads the old key from it, and renews that session.
    }

    static Task RefuseAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        // Our own sentence; the provider's and the library's words could be a caller's.
        var own = context.Failure is AuthenticationFailureException { InnerException: null } failure && failure.Message.Contains("--oidc-role", StringComparison.Ordinal) ? failure.Message : null;
        return TypedResults.Problem(own ?? "The sign-in failed or took too long. Open the page again.", statusCode: own is null ? 400 : 403).ExecuteAsync(context.HttpContext);
    }

    /// <summary>Ends a session that is too old, and gives it the rights that its groups have now: <c>--oidc-role</c> may have changed since the sign-in.</summary>
    static async Task CheckAsync(CookieValidatePrincipalContext context, SignInOptions options)
    {
        var items = context.Properties.Items;
        var began = items.TryGetValue(Began, out var text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : DateTimeOffset.MinValue;
        var groups = items.TryGetValue(Groups, out var json) && json is not null ? JsonSerializer.Deserialize(json, SignInJson.Default.StringArray) ?? [] : [];
        if (Now(context.HttpContext) - began < options.Session && options.RoleOf(groups) is var (role, companies))
        {
            context.ReplacePrincipal(Callers.Principal(new Caller(context.Principal!.Identity!.Name!, role, companies, null), Session));
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Session);
    }

    static DateTimeOffset Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
}

[JsonSerializable(typeof(string[]))]
sealed partial class SignInJson : JsonSerializerContext;
