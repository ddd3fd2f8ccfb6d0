using System.Collections.Concurrent;

namespace Slidebridge.Simulator.Slides;

/// <summary>The slides of the folder, and the objects that serve them. An object's name does not show its content.</summary>
public sealed class SlideLibrary
{
    readonly string root;
    readonly ConcurrentDictionary<string, string> objects = new();

    internal SlideLibrary(SimulatorOptions options) => root = Path.GetFullPath(options.SlidesDirectory);

    /// <summary>The slides' names: the paths of files in the folder, and of subfolders with DICOM files, each of which is one scan.</summary>
    public IReadOnlyList<string> Names =>
    [
        .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Where(IsSeries))
            .Select(f => Path.GetRelativePath(root, f)).Where(n => !n.StartsWith('.')).Order(),
    ];

    /// <summary>The file with this name, or the files of a folder with DICOM files; null if there is none in the slides' folder.</summary>
    public string[]? Find(string name)
    {
        if (name is null or "" || name.Contains('\0')) return null;
        var path = Path.GetFullPath(Path.Combine(root, name));
        if (!path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return null;
        if (File.Exists(path)) return [path];
        return Directory.Exists(path) && IsSeries(path) ? [.. Directory.GetFiles(path).Order()] : null;
    }

    static bool IsSeries(string folder) => Directory.EnumerateFiles(folder, "*.dcm").Any();

    /// <summary>Creates an object for a slide. Its key looks like the platform's, without an extension.</summary>
    internal string Publish(string path, string scanId)
    {
        var key = $"/slides/files_uuid/{Guid.NewGuid()}.{scanId}";
        objects[key] = path;
        return key;
    }

    /// <summary>The file of an object, or null.</summary>
    internal string? Object(string key) => objects.GetValueOrDefault(key);
}
