using System.Collections.Concurrent;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats;

/// <summary>Finds the objects that a path, a folder or a list of addresses stands for, and opens their bytes.</summary>
static class SlideObjects
{
    // A DICOM series has tens of objects; each one open is a file handle or a connection's state.
    public const int Most = 4096;

    // Archives nest a series in a study in a patient.
    const int DeepestFolder = 8;

    // First requests of a list of URLs in flight; each object's own limit comes on top.
    const int OpenedAtOnce = 8;

    /// <summary>All files of a folder and the folders in it, by name; links and hidden files are left out, so it cannot lead in a circle.</summary>
    /// <exception cref="SlideSourceException">It cannot be read.</exception>
    /// <exception cref="SlideFormatException">It holds no file, or more than <see cref="Most"/>.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
            IgnoreInaccessible = false,
        };
        List<string> files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*", options).Take(Most + 1)];
        }
        // The inner exception is left out on purpose: its message holds the folder's name.
        catch (UnauthorizedAccessException)
        {
            throw new SlideSourceException(SlideSourceFailure.Forbidden, "The slide's folder may not be read by this user.");
        }
        catch (IOException e)
        {
            throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slide's folder could not be read (error 0x{e.HResult:x8}).", isTransient: true);
        }
        if (files.Count == 0) throw new SlideFormatException("The folder holds no files.");
        CheckCount(files.Count);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Opens every address, several at a time, in their order. None stays open where one fails.</summary>
    public static async Task<IReadOnlyList<ByteSource>> OpenAsync(IReadOnlyList<string> pathsOrUrls, SlideOptions options, CancellationToken cancellationToken)
    {
        if (pathsOrUrls.Count == 0) throw new ArgumentException("At least one path or URL is expected.", nameof(pathsOrUrls));
        CheckCount(pathsOrUrls.Count);
        var opened = new ConcurrentDictionary<int, ByteSource>();
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken };
            var openUrl = options.OpenUrl ?? ((url, token) => HttpSource.OpenAsync(url, options, token));
            await Parallel.ForEachAsync(Enumerable.Range(0, pathsOrUrls.Count), parallel, async (i, token) =>
                opened[i] = HttpSource.IsHttp(pathsOrUrls[i]) ? await openUrl(pathsOrUrls[i], token) : FileSource.Open(pathsOrUrls[i]));
            return [.. opened.OrderBy(each => each.Key).Select(each => each.Value)];
        }
        catch
        {
            await CloseAsync(opened.Values);
            throw;
        }
    }

    public static async ValueTask CloseAsync(IEnumerable<ByteSource> sources)
    {
        foreach (var source in sources) await source.DisposeAsync();
    }

    public static void CheckCount(long count)
    {
        if (count > Most) throw new SlideFormatException($"The slide would be made of {count} objects or more; at most {Most}. Open the folder or series of one slide.");
    }
}
