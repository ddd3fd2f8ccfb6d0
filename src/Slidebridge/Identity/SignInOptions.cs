using Slidebridge.Security;
using Slidebridge.Settings;

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
sealed record SignInOptions(Uri Authority, string Client, string? Secret, IReadOnlyList<string> Scopes, string GroupsClaim, IReadOnlyList<GroupRole> Groups, TimeSpan Session, TimeSpan Idle)
{
    /// <summary>The default ToString prints all members, and the secret must not be printed.</summary>
    public override string ToString() => Authority.Host;

    /// <summary>The role of a person in these groups, the highest one that a group gives, and the companies of the groups that give it; null: none of the groups has a role.</summary>
    public (Role Role, IReadOnlyList<string> Companies)? RoleOf(IReadOnlyCollection<string> groups)
    {
        var own = Groups.Where(group => groups.Contains(group.Group)).ToList();
        if (own.Count == 0) return null;
        var role = own.Max(group => group.Role);
        var giving = own.Where(group => group.Role == role).ToList();
        return (role, giving.Any(group => group.Companies.Count == 0) ? [] : [.. giving.SelectMany(group => group.Companies).Distinct()]);
    }
}

/// <summary>What the members of a group may do: <c>pathology=viewer</c>, or for two companies' tasks only, <c>lab-a=operator:1234+5678</c>.</summary>
/// <param name="Group">The group's name or id, as the provider sends it.</param>
/// <param name="Role">Its members' role.</param>
/// <param name="Companies">The companies whose tasks they see; empty: all.</param>
sealed record GroupRole(string Group, Role Role, IReadOnlyList<string> Companies)
{
    /// <exception cref="FormatException">The text is not of this form.</exception>
    public static GroupRole Parse(string text)
    {
        // A group's name may have '=' in it, as LDAP's names do.
        var split = text.LastIndexOf('=');
        if (split < 1) throw Wrong(text);
        var parts = text[(split + 1)..].Split(':', 2);
        if (Roles.Of(parts[0]) is not { } role) throw Wrong(text);
        string[] companies = parts.Length == 1 ? [] : parts[1].Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && (companies.Length == 0 || !companies.All(ValueKind.IsName))) throw Wrong(text);
        if (role is Role.Admin && companies.Length > 0) throw new FormatException($"'{text}': an admin sees all companies");
        return new GroupRole(text[..split], role, companies);
    }

    static FormatException Wrong(string text) => new($"'{text}' is not GROUP=ROLE or GROUP=ROLE:COMPANY+COMPANY, with a role of {string.Join(", ", Roles.All.Select(role => role.Name()))}");
}
