using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A program and its descendants, in a separate process group: when the program is dead, the group's remaining processes are killed, such as workers that load data and hold
/// the GPU's memory. If the system has no setsid(1), children are found only by their parents.
/// </summary>
static partial class ProcessGroup
{
    /// <summary>signal(7).</summary>
    const int SigKill = 9;

    static readonly string? SetSid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>The command that starts a program as the leader of a new group; the group's id is the process's.</summary>
    public static (string File, IReadOnlyList<string> Arguments) Own(string file, IReadOnlyList<string> arguments) => SetSid is null ? (file, arguments) : (SetSid, [file, .. arguments]);

    /// <summary>Kills all processes that are still in the group.</summary>
    /// <param name="id">The group's leader, which may have ended.</param>
    public static void Kill(int id)
    {
        if (SetSid is not null) _ = Signal(-id, SigKill); // Fails if the group is empty.
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int id, int signal);
}
