using System.Security.Claims;
using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>A caller as ASP.NET Core's claims, and back.</summary>
static class Callers
{
    const string Company = "company", Group = "group";

    public static ClaimsPrincipal Principal(Caller caller, string scheme)
    {
        var claims = new List<Claim> { new(ClaimTypes.Name, caller.Name) };
        claims.AddRange(Roles.All.Where(role => caller.Role.Includes(role)).Select(role => new Claim(ClaimTypes.Role, role.Name())));
        claims.AddRange(caller.Companies.Select(company => new Claim(Company, company)));
        claims.AddRange((caller.Groups ?? []).Select(group => new Claim(Group, group)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    /// <summary>Whether the caller may see the tasks of all companies.</summary>
    public static bool SeesAllCompanies(ClaimsPrincipal user) => !user.HasClaim(claim => claim.Type == Company);

    /// <summary>The caller of an endpoint that needs a role.</summary>
    public static Caller Of(HttpContext context) => Of(context.User, context.Connection.RemoteIpAddress?.ToString());

    /// <inheritdoc cref="Of(HttpContext)"/>
    public static Caller Of(ClaimsPrincipal user, string? from) => new(
        user.Identity?.Name ?? throw new InvalidOperationException("The endpoint does not need a role, so its caller is not known."),
        Roles.OfPeople.Where(role => user.IsInRole(role.Name())).DefaultIfEmpty(Role.Worker).Last(),
        [.. user.FindAll(Company).Select(claim => claim.Value)],
        from,
        [.. user.FindAll(Group).Select(claim => claim.Value)]);
}
