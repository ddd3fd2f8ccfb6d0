using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>realpath(3): a file that is hidden under one name must not be visible under another.</summary>
static partial class RealPath
{
    /// <summary>The path with all links resolved; unchanged if it does not exist.</summary>
    public static string Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return OperatingSystem.IsWindows() ? full : Resolve(full, 0) ?? full;
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial string? Resolve(string path, nint buffer);
}
