using System.Collections.Concurrent;

namespace Slidebridge.Simulator.Slides;

/// <summary>The slides of the folder, and the objects they are served as: named by nothing that tells what they are.</summary>
sealed class SlideLibrary(SimulatorOptions options)
{
    readonly string root = Path.GetFullPath(options.SlidesDirectory);
    readonly ConcurrentDictionary<string, string> objects = new();

    /// <summary>The slides' names: their paths inside the folder.</summary>
    public IReadOnlyList<string> Names => [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f)).Where(n => !n.StartsWith('.')).Order()];

    /// <summary>The file of a name, or null where there is none inside the folder.</summary>
    public string? Find(string name)
    {
        if (name is null or "" || name.Contains('\0')) return null;
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(path) ? path : null;
    }

    /// <summary>Makes an object of a slide; its key looks like the platform's, without an extension.</summary>
    public string Publish(string path, string scanId)
    {
        var key = $"/slides/files_uuid/{Guid.NewGuid()}.{scanId}";
        objects[key] = path;
        return key;
    }

    /// <summary>The file of an object, or null.</summary>
    public string? Object(string key) => objects.GetValueOrDefault(key);
}
