using Slidebridge.Security;
using Slidebridge.Settings;

namespace Slidebridge.Identity;

/// <summary>What a group's members, or the owner of a certificate, may do: <c>pathology=viewer</c>, or for two companies' tasks only, <c>lab-a=operator:1234+5678</c>.</summary>
/// <param name="Name">The group's name or id, as the provider sends it; or the certificate's common name.</param>
/// <param name="Role">The role.</param>
/// <param name="Companies">The companies whose tasks they see; empty: all.</param>
sealed record NamedRole(string Name, Role Role, IReadOnlyList<string> Companies)
{
    /// <param name="text">The text.</param>
    /// <param name="what">What has a name, for the error message: <c>GROUP</c>.</param>
    /// <exception cref="FormatException">The text is not of this form.</exception>
    public static NamedRole Parse(string text, string what)
    {
        // A name may have '=' in it, as LDAP's names do.
        var split = text.LastIndexOf('=');
        if (split < 1) throw Wrong(text, what);
        var parts = text[(split + 1)..].Split(':', 2);
        if (Roles.Of(parts[0]) is not { } role || role is Role.Worker) throw Wrong(text, what);
        string[] companies = parts.Length == 1 ? [] : parts[1].Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && (companies.Length == 0 || !companies.All(ValueKind.IsName))) throw Wrong(text, what);
        if (role is Role.Admin && companies.Length > 0) throw new FormatException($"'{text}': an admin sees all companies");
        return new NamedRole(text[..split], role, companies);
    }

    static FormatException Wrong(string text, string what) => new($"'{text}' is not {what}=ROLE or {what}=ROLE:COMPANY+COMPANY, with a role of {string.Join(", ", Roles.OfPeople.Select(role => role.Name()))}");
}
