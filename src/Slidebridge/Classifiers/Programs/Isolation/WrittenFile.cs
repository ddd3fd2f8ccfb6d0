using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>Opens a file that a program has written. A link in its place could make the bridge read another file, and a pipe could make it wait; both are refused.</summary>
static partial class WrittenFile
{
    /// <summary>Linux's fcntl.h: read only, no links, non-blocking, not inherited by child processes.</summary>
    const int ReadOnly = 0, NoFollow = 0x20000, NonBlocking = 0x800, CloseOnExec = 0x80000;

    /// <summary>The value on ARM, which differs.</summary>
    const int NoFollowOnArm = 0x8000;

    /// <summary>The file; null if there is none, or if it is not a regular file.</summary>
    public static FileStream? Open(string path)
    {
        if (!OperatingSystem.IsLinux()) return new FileInfo(path) is { Exists: true, LinkTarget: null } ? File.OpenRead(path) : null;
        var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? NoFollowOnArm : NoFollow;
        var descriptor = OpenFile(path, ReadOnly | noFollow | NonBlocking | CloseOnExec);
        if (descriptor < 0) return null;
        var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read);
        if (stream.CanSeek) return stream;
        stream.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);
}
