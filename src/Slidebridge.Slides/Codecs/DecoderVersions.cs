using System.Security.Cryptography;

namespace Slidebridge.Slides.Codecs;

/// <summary>Which decoders this process uses, exactly. Loads none.</summary>
static class DecoderVersions
{
    const string Maps = "/proc/self/maps";

    static volatile Known? last;

    /// <summary>The managed decoders, and the native libraries that were loaded so far; read again only after another one was loaded.</summary>
    public static IReadOnlyDictionary<string, string> Now()
    {
        if (last is { } known && known.Loaded == NativeCode.Loaded.Count) return known.Versions;
        var loaded = NativeCode.Loaded.ToArray();
        var files = FilesOfProcess();
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["SkiaSharp"] = VersionOf(typeof(SkiaSharp.SKBitmap)),
            ["Magick.NET"] = VersionOf(typeof(ImageMagick.MagickImage)),
        };
        foreach (var library in loaded)
            found[library.Name] = string.Join(", ", new[] { library.Version, files.FirstOrDefault(path => Path.GetFileName(path).StartsWith(library.FileStart, StringComparison.Ordinal)) is { } file ? Describe(file) : null }.OfType<string>());
        last = new Known(loaded.Length, found);
        return found;
    }

    sealed record Known(int Loaded, IReadOnlyDictionary<string, string> Versions);

    static string VersionOf(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Not every library states its version; the file's SHA-256 is exact.</summary>
    static string Describe(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return $"{Path.GetFileName(file)}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(stream))}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Path.GetFileName(file);
        }
    }

    /// <summary>The files that are mapped into this process; empty where the system does not list them.</summary>
    static IReadOnlyList<string> FilesOfProcess() => !File.Exists(Maps) ? []
        : [.. File.ReadLines(Maps).Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? line[at..] : "").Where(path => path.Length > 0).Distinct()];
}
