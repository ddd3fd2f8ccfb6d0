using System.Collections.Concurrent;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats;

/// <summary>Finds the objects of a path, a folder or a list of addresses, and opens their bytes.</summary>
static class SlideObjects
{
    // A DICOM series has tens of objects; each open one uses a file handle or the state of a connection.
    public const int Most = 4096;

    // Archives nest a series in a study, and a study in a patient.
    const int DeepestFolder = 8;

    // Maximum number of first requests in flight for a list of URLs; each object has its own limit in addition.
    const int OpenedAtOnce = 8;

    /// <summary>All files of a folder and its subfolders, ordered by name. Links and hidden files are ignored, so there can be no cycle.</summary>
    /// <exception cref="SlideSourceException">The folder cannot be read.</exception>
    /// <exception cref="SlideFormatException">The folder contains no file, or more than <see cref="Most"/>.</exception>
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
        // The inner exception is left out on purpose: its message contains the folder's name.
        catch (UnauthorizedAccessException)
        {
            throw new SlideSourceException(SlideSourceFailure.Forbidden, "This user has no permission to read the slide's folder.");
        }
        catch (IOException e)
        {
            throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slide's folder could not be read (error 0x{e.HResult:x8}).", isTransient: true);
        }
        if (files.Count == 0) throw new SlideFormatException("The folder contains no files.");
        CheckCount(files.Count);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Opens every address, several at a time, and returns them in the given order. If one fails, all are closed.</summary>
    public static async Task<IReadOnlyList<ByteSource>> OpenAsync(IReadOnlyList<string> pathsOrUrls, SlideOptions options, CancellationToken cancellationToken)
    {
        if (pathsOrUrls.Count == 0) throw new ArgumentException("Give at least one path or URL.", nameof(pathsOrUrls));
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
        if (count > Most) throw new SlideFormatException($"There are {count} objects or more; a slide has at most {Most}. Open the folder or series of one slide.");
    }
}
