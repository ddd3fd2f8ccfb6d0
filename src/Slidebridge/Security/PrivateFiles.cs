using System.Runtime.InteropServices;

namespace Slidebridge.Security;

/// <summary>What this process writes is for its own user, unless it says otherwise.</summary>
static partial class PrivateFiles
{
    /// <summary>Nothing for the group, nothing for others (umask(2)).</summary>
    const uint OwnerOnly = 0b000_111_111;

    /// <summary>From here on, new files and directories, also of libraries and child processes, are closed to other users.</summary>
    public static void ByDefault()
    {
        if (!OperatingSystem.IsWindows()) _ = SetMask(OwnerOnly);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint SetMask(uint mask);
}
