using System.Runtime.InteropServices;

namespace Slidebridge.Security;

/// <summary>Files that this process writes are private to its user by default.</summary>
static partial class PrivateFiles
{
    /// <summary>No access for group and others (umask(2)).</summary>
    const uint OwnerOnly = 0b000_111_111;

    /// <summary>From now on, new files and directories are closed to other users, including those of libraries and child processes.</summary>
    public static void ByDefault()
    {
        if (!OperatingSystem.IsWindows()) _ = SetMask(OwnerOnly);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint SetMask(uint mask);
}
