using System.Security.Claims;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>A caller as ASP.NET Core's claims, and back.</summary>
static class Callers
{
    public const string Company = "company";

    public static ClaimsPrincipal Principal(Caller caller, string scheme)
    {
        var claims = new List<Claim> { new(ClaimTypes.Name, caller.Name) };
        // A role includes the roles before it.
        claims.AddRange(Roles.All.Where(role => role <= caller.Role).Select(role => new Claim(ClaimTypes.Role, role.Name())));
        claims.AddRange(caller.Companies.Select(company => new Claim(Company, company)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    /// <summary>The caller of an endpoint that needs a role.</summary>
    public static Caller Of(HttpContext context) => new(
        context.User.Identity?.Name ?? throw new InvalidOperationException("The endpoint does not need a role, so its caller is not known."),
        Roles.All.Last(role => context.User.IsInRole(role.Name())),
        [.. context.User.FindAll(Company).Select(claim => claim.Value)],
        context.Connection.RemoteIpAddress?.ToString());
}
