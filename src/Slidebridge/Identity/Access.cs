using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>
/// Which role an endpoint needs, by ASP.NET Core's authorization. An endpoint says its role (<see cref="For"/>) or that it is open (<c>AllowAnonymous</c>); one that says nothing answers nobody.
/// </summary>
static class Access
{
    public static IServiceCollection AddAccess(this IServiceCollection services, ApiOptions options, bool isSecure)
    {
        // No default scheme, also if there is only one: only endpoints that need a role find out who calls, and webhooks pay nothing for it.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddSingleton(options).AddSingleton<AccessTokens>();
        services.AddSingleton<AuditLog>().AddHostedService(s => s.GetRequiredService<AuditLog>());
        var authentication = services.AddAuthentication(schemes => schemes.DefaultChallengeScheme = schemes.DefaultForbidScheme = CallerAuthentication.Name).AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.Name, null);
        if (options.ClientCertificates is { } certificates) authentication.AddClientCertificates(certificates);
        if (options.SignIn is { } signIn) authentication.AddSignIn(signIn, isSecure);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in Roles.All) authorization.AddPolicy(role.Name(), policy => policy.AddAuthenticationSchemes(CallerAuthentication.Name).RequireRole(role.Name()));
        authorization.AddPolicy(AllCompanies, policy => policy.AddAuthenticationSchemes(CallerAuthentication.Name).RequireAssertion(context => Callers.SeesAllCompanies(context.User)));
        // Without an endpoint, the answer is 404 or 405 anyway. The policy names no scheme, because it is evaluated for open endpoints too, which then would ask who calls.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(context => context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
        return services;
    }

    /// <summary>Only callers with this role, or one that includes it.</summary>
    public static TBuilder For<TBuilder>(this TBuilder builder, Role role) where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(role.Name());

    /// <summary>Not for callers who may see the tasks of some companies only: the answer is about all.</summary>
    public static TBuilder OfAllCompanies<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(AllCompanies);

    const string AllCompanies = "all companies";

    /// <summary>The role that an endpoint needs; null: it is open, or answers nobody.</summary>
    public static Role? RoleOf(Endpoint? endpoint) => endpoint is null ? null : RoleOf(endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>());

    /// <inheritdoc cref="RoleOf(Endpoint)"/>
    public static Role? RoleOf(IEnumerable<IAuthorizeData> required) => required.Select(data => Roles.Of(data.Policy)).Max();

    /// <summary>Whether the caller of an open endpoint has a role, for all companies.</summary>
    public static async Task<bool> MayAsync(HttpContext context, Role role) =>
        (await context.AuthenticateAsync(CallerAuthentication.Name)).Principal is { } principal && principal.IsInRole(role.Name()) && Callers.SeesAllCompanies(principal);

    /// <summary>
    /// A browser that has signed in, or runs on this machine, also sends POSTs for pages of other sites; its headers then name that site, and the request is refused.
    /// </summary>
    public static TBuilder RefuseOtherSites<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (!LocalCaller.IsOtherSites(http.Request)) return await next(context);
            var caller = Callers.Of(http);
            http.RequestServices.GetRequiredService<AuditLog>().Refuse(caller.Name, caller.From, CallOf(http), "from a page of another site");
            return TypedResults.Problem("Requests from a page of another site are not allowed.", statusCode: 403);
        });

    /// <summary>A call in the audit log: its method and its path, with the parameters' names.</summary>
    public static string CallOf(HttpContext context) => $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "?"}";
}
