using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>Real slides beside the repository, in <c>../shared/data</c>, where they are.</summary>
static class SharedSeeds
{
    // A mutation copies the file.
    const long Largest = 4 * 1024 * 1024;

    public static void AddTo(SeedCollection seeds)
    {
        var folder = Path.Combine(Repository.Root, "..", "shared", "data");
        if (!Directory.Exists(folder))
        {
            seeds.Missing.Add("shared: ../shared/data is not here");
            return;
        }
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var format = Path.GetExtension(path) switch { ".dcm" => "dicom", ".svs" or ".tiff" => "tiff", _ => null };
            if (format is not null && new FileInfo(path).Length <= Largest) seeds.Add($"{format}-shared-{Name(Path.GetRelativePath(folder, Path.ChangeExtension(path, null)))}", File.ReadAllBytes(path));
        }
    }

    /// <summary>A word, for a worker is told its seed in a line of words.</summary>
    static string Name(string path) => string.Concat(path.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'));
}
