using Slidebridge.Security;

namespace Slidebridge.Identity;

/// <summary>How people sign in with a browser, by OpenID Connect.</summary>
/// <param name="Authority">The identity provider's address; its <c>/.well-known/openid-configuration</c> says the rest.</param>
/// <param name="Client">The bridge's client id there.</param>
/// <param name="Secret">The client's secret; null: a public client, which PKCE protects.</param>
/// <param name="Scopes">What the bridge requests: <c>openid</c> and what the provider needs to send names and groups.</param>
/// <param name="GroupsClaim">The claim of the id token that lists the person's groups.</param>
/// <param name="Groups">Which groups may do what.</param>
/// <param name="Session">A session ends after this time.</param>
/// <param name="Idle">A session that is not used ends after this time.</param>
sealed record SignInOptions(Uri Authority, string Client, string? Secret, IReadOnlyList<string> Scopes, string GroupsClaim, IReadOnlyList<NamedRole> Groups, TimeSpan Session, TimeSpan Idle)
{
    /// <summary>The default ToString prints all members, and the secret must not be printed.</summary>
    public override string ToString() => Authority.Host;

    /// <summary>The role of a person in these groups, the highest one that a group gives, and the companies of the groups that give it; null: none of the groups has a role.</summary>
    public (Role Role, IReadOnlyList<string> Companies)? RoleOf(IReadOnlyCollection<string> groups)
    {
        var own = Groups.Where(group => groups.Contains(group.Name)).ToList();
        if (own.Count == 0) return null;
        var role = own.Max(group => group.Role);
        var giving = own.Where(group => group.Role == role).ToList();
        return (role, giving.Any(group => group.Companies.Count == 0) ? [] : [.. giving.SelectMany(group => group.Companies).Distinct()]);
    }
}
