using System.Data.Common;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>
/// Who calls: the owner of a token (as a bearer token, or as the password of HTTP Basic, which browsers ask for), the owner of a client certificate, a person who has signed in, or somebody on this machine, if the bridge trusts it.
/// A wrong token is counted and slowed down wherever it is sent, also where none is needed: nobody may try tokens there.
/// </summary>
sealed class CallerAuthentication(
    ApiOptions options, AccessTokens tokens, RefusedCallers refused, AuditLog audit,
    IOptionsMonitor<AuthenticationSchemeOptions> monitor, ILoggerFactory loggers, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(monitor, loggers, encoder)
{
    public const string Name = "slidebridge";

    /// <summary>The name that a caller of this machine, or with <c>--api-token</c>, gives: these two are shared by several people.</summary>
    public const string OperatorHeader = "X-Operator";

    const int LongestName = 100;

    /// <summary>The database did not say whether the token is valid.</summary>
    static readonly object Unchecked = new();

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (given, user) = Given(Request.Headers.Authorization);
        if (given is null)
        {
            if (options.ClientCertificates is not null && Context.Connection.ClientCertificate is not null)
            {
                var shown = await Context.AuthenticateAsync(ClientCertificates.Scheme);
                if (shown.Succeeded) return AuthenticateResult.Success(new AuthenticationTicket(shown.Principal, Scheme.Name));
                // A browser may show a certificate by itself, and its user may have signed in.
                if (options.SignIn is null) await CountAsync(null, user, shown.Failure?.Message ?? "wrong client certificate");
                if (options.SignIn is null) return AuthenticateResult.Fail("The client certificate is not accepted.");
            }
            if (options.SignIn is not null && await Context.AuthenticateAsync(SignIn.Session) is { Succeeded: true } session) return AuthenticateResult.Success(new AuthenticationTicket(session.Principal, Scheme.Name));
            return options.TrustsThisMachine && LocalCaller.Is(Context) ? Success(Shared("this machine", user)) : AuthenticateResult.NoResult();
        }
        if (options.Token is { } shared && SecretComparer.Matches(shared, given)) return Success(Shared("--api-token", user));
        try
        {
            if (await tokens.FindAsync(given, Context.RequestAborted) is { } token) return Success(new Caller(token.Name, token.Role, token.Companies, From, token.Groups));
        }
        catch (Exception e) when (e is DbException or InvalidOperationException { InnerException: DbException })
        {
            Context.Items[Unchecked] = true;
            return AuthenticateResult.NoResult();
        }
        await CountAsync(tokens.NameOf(given), user, "wrong token");
        return AuthenticateResult.Fail("The token is wrong.");
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var (given, user) = Given(Request.Headers.Authorization);
        if (Context.Items.ContainsKey(Unchecked))
        {
            await WriteAsync(503, "The token cannot be checked, because the task database cannot be reached. Try again later.");
            return;
        }
        if (given is null && options.SignIn is not null && SignIn.IsPage(Request))
        {
            await Context.ChallengeAsync(SignIn.Provider, new AuthenticationProperties { RedirectUri = "/" + Request.Path.ToUriComponent().TrimStart('/') + Request.QueryString }); // "//host" would be another site.
            return;
        }
        if (given is null && options.TrustsThisMachine)
        {
            await WriteAsync(403, "Without a token, the bridge's API answers only callers on the bridge's machine: send the header 'Authorization: Bearer TOKEN' ('slidebridge token add' makes one).");
            return;
        }
        // A page of this bridge whose session has ended is nobody's attack, and needs no dialog for a password.
        if (given is null && options.SignIn is not null && Request.Headers["Sec-Fetch-Site"] == "same-origin")
        {
            await WriteAsync(401, "The session has ended. Open the page again.");
            return;
        }
        var isWrongCertificate = given is null && options.ClientCertificates is not null && Context.Connection.ClientCertificate is not null;
        if (given is null && !isWrongCertificate) await CountAsync(null, user, "no token");
        Response.Headers.WWWAuthenticate = options.SignIn is null ? "Basic realm=\"Slidebridge\", charset=\"UTF-8\"" : "Bearer";
        await WriteAsync(401, isWrongCertificate ? "The client certificate is not accepted: it is not of an authority of --client-ca, has expired, or its name has no role (--client-cert)." : "The API token is missing or wrong. Send the header 'Authorization: Bearer TOKEN' ('slidebridge token add' makes one).");
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = Callers.Of(Context);
        var needed = Access.RoleOf(Context.GetEndpoint());
        var why = needed is null ? "This address answers nobody."
            : caller.Role.Includes(needed.Value) ? $"{caller.Name} may see only the tasks of some companies; this answer is about all."
            : $"{caller.Name} is {caller.Role.Name()}; this needs the role {needed.Value.Name()}.";
        audit.Refuse(caller.Name, From, Access.CallOf(Context), why);
        await WriteAsync(403, why);
    }

    /// <param name="token">The name of the token whose secret was tried; null: there is no such token.</param>
    /// <param name="user">The name that the caller gave.</param>
    /// <param name="why">What is wrong.</param>
    Task CountAsync(string? token, string? user, string why)
    {
        audit.Refuse(token ?? user ?? "unknown", From, "sign-in", why);
        return refused.CountAsync(Context, "API token", token);
    }

    AuthenticateResult Success(Caller caller) => AuthenticateResult.Success(new AuthenticationTicket(Callers.Principal(caller, Scheme.Name), Scheme.Name));

    /// <summary>The name in the header, or of HTTP Basic, is not verified; so who is really known stands beside it.</summary>
    Caller Shared(string by, string? user)
    {
        var given = Request.Headers[OperatorHeader].ToString() is { Length: > 0 } header ? header : user ?? "";
        var name = new string([.. given.Where(c => !char.IsControl(c)).Take(LongestName)]).Trim();
        return new Caller(name.Length > 0 ? $"{name} via {by}" : by, Role.Admin, [], From);
    }

    string? From => Context.Connection.RemoteIpAddress?.ToString();

    Task WriteAsync(int status, string detail) => TypedResults.Problem(detail, statusCode: status).ExecuteAsync(Context);

    /// <summary>The token and the user name of HTTP Basic; null where there is none.</summary>
    static (string? Token, string? User) Given(string? header)
    {
        if (header?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true) return (header[7..].Trim(), null);
        if (header?.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) != true) return (null, null);
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? ("", null) : (pair[(colon + 1)..], colon > 0 ? pair[..colon] : null);
        }
        catch (FormatException)
        {
            return ("", null);
        }
    }
}
