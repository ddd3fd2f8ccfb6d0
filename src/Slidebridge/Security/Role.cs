namespace Slidebridge.Security;

/// <summary>What a caller of the API may do. Each role of a person may also do what the roles before it may; an admin also what a worker may.</summary>
enum Role
{
    /// <summary>Sees tasks, results, pictures and slides.</summary>
    Viewer,

    /// <summary>Acts on tasks: retry, cancel, redeliver, rerun, delete.</summary>
    Operator,

    /// <summary>Manages tokens, and reads the audit log.</summary>
    Admin,

    /// <summary>Runs tasks of its groups (<c>slidebridge work</c>), and sees and does nothing else. Not one of the roles of people.</summary>
    Worker,
}

static class Roles
{
    public static IReadOnlyList<Role> All { get; } = Enum.GetValues<Role>();

    /// <summary>The roles of people, the one with the fewest rights first.</summary>
    public static IReadOnlyList<Role> OfPeople { get; } = [Role.Viewer, Role.Operator, Role.Admin];

    /// <summary>Whether a role may do what another may.</summary>
    public static bool Includes(this Role role, Role other) => role == other || role is Role.Admin || (role is not Role.Worker && other is not Role.Worker && other < role);

    /// <summary>The role's name, as commands, tokens and the API write it.</summary>
    public static string Name(this Role role) => role switch { Role.Viewer => "viewer", Role.Operator => "operator", Role.Admin => "admin", _ => "worker" };

    /// <summary>The role of a name, or null.</summary>
    public static Role? Of(string? name) => All.Where(role => role.Name() == name).Select(role => (Role?)role).FirstOrDefault();
}
