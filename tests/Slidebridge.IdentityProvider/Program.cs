using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

// A real OpenID Connect provider for the tests, in a process of its own: OpenIddict with one client and three people, on a free port of loopback. Its first line of output is its address.
// It keeps no database: codes and tokens are self-contained.
const string Client = "slidebridge", Secret = "secret-of-the-test-client";
Dictionary<string, string[]> people = new() { ["anna"] = ["staff", "lab-viewers"], ["otto"] = ["lab-operators"], ["carl"] = ["company-1234"], ["eve"] = ["strangers"] };

var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddOpenIddict().AddServer(server =>
{
    server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetEndSessionEndpointUris("connect/logout");
    server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
    server.RegisterScopes(Scopes.Profile, Scopes.Email);
    server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
    server.EnableDegradedMode();
    server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().DisableTransportSecurityRequirement();
    server.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
    {
        if (context.ClientId != Client) context.Reject(Errors.InvalidClient);
        else if (!IsOfTheClient(context.RedirectUri, "/signin-oidc")) context.Reject(Errors.InvalidRequest, "The redirect URI is not the client's.");
        return default;
    }));
    server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
    {
        if (context.ClientId != Client || context.ClientSecret != Secret) context.Reject(Errors.InvalidClient);
        return default;
    }));
    server.AddEventHandler<OpenIddictServerEvents.ValidateEndSessionRequestContext>(handler => handler.UseInlineHandler(context =>
    {
        if (context.PostLogoutRedirectUri is { } uri && !IsOfTheClient(uri, "/signout-callback-oidc")) context.Reject(Errors.InvalidRequest);
        return default;
    }));
});

var app = builder.Build();
app.UseAuthentication();
app.MapMethods("/connect/authorize", ["GET", "POST"], async (HttpContext context) =>
{
    var request = context.GetOpenIddictServerRequest()!;
    var user = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync())["user"].ToString() : context.Request.Cookies["user"];
    if (user is null || !people.TryGetValue(user, out var groups)) return SignInForm(request);
    context.Response.Cookies.Append("user", user);
    var identity = new ClaimsIdentity("provider", Claims.Name, Claims.Role);
    identity.SetClaim(Claims.Subject, user).SetClaim(Claims.PreferredUsername, $"{user}@lab.example").SetClaims("groups", [.. groups]);
    identity.SetDestinations(_ => [Destinations.IdentityToken]);
    var principal = new ClaimsPrincipal(identity);
    principal.SetScopes(request.GetScopes());
    return Results.SignIn(principal, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
});
app.MapGet("/connect/logout", (HttpContext context) =>
{
    context.Response.Cookies.Delete("user");
    return Results.SignOut(null, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
});
await app.StartAsync();
Console.WriteLine(app.Urls.First());
// The test's end closes the input.
await Console.In.ReadToEndAsync();

static bool IsOfTheClient(string? uri, string path) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.IsLoopback && parsed.AbsolutePath == path;

// The request's own parameters go along, as hidden fields.
static IResult SignInForm(OpenIddictRequest request) => Results.Content(
    $"<form method=post>{string.Concat(request.GetParameters().Select(p => $"<input type=hidden name={p.Key} value=\"{WebUtility.HtmlEncode((string?)p.Value)}\">"))}<input name=user><button>Sign in</button></form>", "text/html");
