using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A program and all that it starts, in a group of their own: what a dead program has left behind, such as the workers that load its data and hold
/// the GPU's memory, ends with it. Where the system has no setsid(1), children are found by their parents alone.
/// </summary>
static partial class ProcessGroup
{
    /// <summary>signal(7).</summary>
    const int SigKill = 9;

    static readonly string? SetSid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>How a program is started that leads a group of its own; the group's id is the process's.</summary>
    public static (string File, IReadOnlyList<string> Arguments) Own(string file, IReadOnlyList<string> arguments) => SetSid is null ? (file, arguments) : (SetSid, [file, .. arguments]);

    /// <summary>Ends whatever is in the group still.</summary>
    /// <param name="id">The process that leads it, or led it.</param>
    public static void Kill(int id)
    {
        if (SetSid is not null) _ = Signal(-id, SigKill); // It fails where nothing is left.
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int id, int signal);
}
