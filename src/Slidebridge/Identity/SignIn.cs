using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
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

    const string Began = "began";

    /// <summary>The claims that may say who somebody is, the most readable one first (OpenID Connect Core 1.0, 5.1).</summary>
    static readonly string[] Names = ["preferred_username", "email", "name", "sub"];

    public static AuthenticationBuilder AddSignIn(this AuthenticationBuilder authentication, SignInOptions options, bool isSecure)
    {
        authentication.Services.AddSingleton(options).AddSingleton<StoredSessions>().AddDataProtection();
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
                cookie.Events.OnValidatePrincipal = context => EndOldAsync(context, options);
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
                // The answer comes as a link of the provider's page, so these cookies need not be sent with other sites' forms.
                foreach (var cookie in (CookieBuilder[])[oidc.CorrelationCookie, oidc.NonceCookie]) (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest);
                oidc.Events.OnTokenValidated = context => AcceptAsync(context, options);
                oidc.Events.OnRemoteFailure = RefuseAsync;
            });
    }

    /// <summary><c>GET /signout</c>.</summary>
    public static void MapSignOut(this IEndpointRouteBuilder routes) =>
        routes.MapGet(SignOutPath, async (HttpContext context, AuditLog audit) =>
        {
            await audit.ReadAsync(Callers.Of(context), "sign-out", null);
            return TypedResults.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [Session, Provider]);
        }).For(Role.Viewer).RefuseOtherSites().ExcludeFromDescription();

    /// <summary>Whether a browser opens a page: only then can it be sent to the provider.</summary>
    public static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    static async Task AcceptAsync(TokenValidatedContext context, SignInOptions options)
    {
        var person = context.Principal!;
        var name = Names.Select(type => person.FindFirst(type)?.Value).FirstOrDefault(value => value is { Length: > 0 }) ?? "unknown";
        var audit = context.HttpContext.RequestServices.GetRequiredService<AuditLog>();
        var from = context.HttpContext.Connection.RemoteIpAddress?.ToString();
        if (options.RoleOf([.. person.FindAll(options.GroupsClaim).Select(claim => claim.Value)]) is not var (role, companies))
        {
            audit.Refuse(name, from, "sign-in", "refused: none of the person's groups has a role (--oidc-role)");
            context.Fail($"{name} has signed in, but none of their groups may use this bridge. Ask its administrator (--oidc-role).");
            return;
        }
        var caller = new Caller(name, role, companies, from);
        context.Principal = Callers.Principal(caller, Session);
        context.Properties!.Items[Began] = Now(context.HttpContext).ToString("O", CultureInfo.InvariantCulture);
        // The provider's sign-out wants to know which session ends.
        if (context.TokenEndpointResponse?.IdToken is { } token) context.Properties.StoreTokens([new AuthenticationToken { Name = OpenIdConnectParameterNames.IdToken, Value = token }]);
        await audit.ReadAsync(caller, "sign-in", $"session, by {options.Authority.Host}");
    }

    static Task RefuseAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        // Our own sentence; the provider's and the library's words could be a caller's.
        var own = context.Failure is AuthenticationFailureException { InnerException: null } failure && failure.Message.Contains("--oidc-role", StringComparison.Ordinal) ? failure.Message : null;
        return TypedResults.Problem(own ?? "The sign-in failed or took too long. Open the page again.", statusCode: own is null ? 400 : 403).ExecuteAsync(context.HttpContext);
    }

    static async Task EndOldAsync(CookieValidatePrincipalContext context, SignInOptions options)
    {
        var began = context.Properties.Items.TryGetValue(Began, out var text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : DateTimeOffset.MinValue;
        if (Now(context.HttpContext) - began < options.Session) return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Session);
    }

    static DateTimeOffset Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
}
