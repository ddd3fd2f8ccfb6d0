using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Slidebridge.Provenance;

/// <summary>Finds out what a path is before it is opened: opening a pipe would wait for ever, and a device has no end.</summary>
static partial class RegularFile
{
    // linux/stat.h, statx(2): the directory for relative paths, the wanted fields, the size of the structure and the offset of stx_mode in it; S_IFMT and S_IFREG.
    const int CurrentDirectory = -100, Type = 1, StatxBytes = 256, ModeOffset = 28, TypeMask = 0xF000, Regular = 0x8000;

    /// <summary>The file that a path leads to, through links; null if there is no such file, or it is a folder, pipe or device.</summary>
    public static string? Resolve(string path)
    {
        try
        {
            var resolved = Path.GetFullPath(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            return File.Exists(resolved) && IsRegular(resolved) ? resolved : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    static bool IsRegular(string path)
    {
        if (!OperatingSystem.IsLinux()) return true;
        var status = new byte[StatxBytes];
        return Statx(CurrentDirectory, path, 0, Type, status) == 0 && (BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & TypeMask) == Regular;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int directory, string path, int flags, uint mask, [Out] byte[] status);
}
