namespace Slidebridge.Security;

/// <summary>What a caller of the API may do. Each role may also do what the roles before it may.</summary>
enum Role
{
    /// <summary>Sees tasks, results, pictures and slides.</summary>
    Viewer,

    /// <summary>Acts on tasks: retry, cancel, redeliver, rerun, delete.</summary>
    Operator,

    /// <summary>Manages tokens, and reads the audit log.</summary>
    Admin,
}

static class Roles
{
    /// <summary>The roles, the one with the fewest rights first.</summary>
    public static IReadOnlyList<Role> All { get; } = Enum.GetValues<Role>();

    /// <summary>The role's name, as commands, tokens and the API write it.</summary>
    public static string Name(this Role role) => role switch { Role.Viewer => "viewer", Role.Operator => "operator", _ => "admin" };

    /// <summary>The role of a name, or null.</summary>
    public static Role? Of(string? name) => All.Where(role => role.Name() == name).Select(role => (Role?)role).FirstOrDefault();
}
