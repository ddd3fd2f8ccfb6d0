using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>Opens a file that a program has written: a link in its place would have the bridge read for it what it may not, and a pipe would have it wait.</summary>
static partial class WrittenFile
{
    /// <summary>fcntl.h of Linux: read only, no link, no waiting, not for children.</summary>
    const int ReadOnly = 0, NoFollow = 0x20000, NonBlocking = 0x800, CloseOnExec = 0x80000;

    /// <summary>The same on ARM, whose numbers differ.</summary>
    const int NoFollowOnArm = 0x8000;

    /// <summary>The file; null where there is none, or something that is no file.</summary>
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
