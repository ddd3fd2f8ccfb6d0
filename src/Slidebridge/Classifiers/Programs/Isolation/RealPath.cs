using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>realpath(3): what is hidden under one name must not be seen by another.</summary>
static partial class RealPath
{
    /// <summary>The path without a link in it; as it is where nothing is there.</summary>
    public static string Of(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return OperatingSystem.IsWindows() ? full : Resolve(full, 0) ?? full;
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial string? Resolve(string path, nint buffer);
}
