using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Execution;

/// <summary>
/// The whole slides of one task as files with the names that slide-reading code expects, in a folder for this task that is deleted on disposal:
/// links to files that are already on this machine, copies of others.
/// </summary>
/// <param name="parent">The folder's parent; null for the system's folder for temporary files.</param>
sealed class LocalSlides(string? parent) : IDisposable
{
    readonly Lock making = new();
    DirectoryInfo? folder;
    OwnedFolder? owned;

    /// <summary>A scan's slide as a file, or as a folder if the slide has several files.</summary>
    /// <param name="scanId">The scan's id, used as the name.</param>
    /// <param name="format">The slide's format, from <see cref="Slide.Format"/>.</param>
    /// <param name="files">The slide's local files.</param>
    public string Link(string scanId, string format, IReadOnlyList<string> files)
    {
        var place = Place(scanId, files.Count);
        for (var i = 0; i < files.Count; i++) LinkTo(Named(place, i, files.Count, format, files[i]), files[i]);
        return files.Count == 1 ? Named(place, 0, 1, format, files[0]) : place;
    }

    /// <summary>Like the method for local files, for objects that must be downloaded first.</summary>
    /// <exception cref="SlideSourceException">An object cannot be downloaded, or there is no room for it.</exception>
    public async Task<string> CopyAsync(string scanId, string format, IReadOnlyList<string> urls, SlideOptions options, CancellationToken cancellationToken)
    {
        var files = new List<string>();
        try
        {
            foreach (var url in urls)
            {
                var file = Path.Combine(Folder().FullName, $"{scanId}-{files.Count}.part");
                await using var source = await HttpSource.OpenAsync(url, options, cancellationToken);
                await using var written = new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
                await using var bounded = new BoundedStream(written, file, options.MinFreeBytes);
                await source.CopyToAsync(bounded, cancellationToken);
                files.Add(file);
            }
        }
        // No inner exception: its message contains the folder's name.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slide could not be copied to this machine (error 0x{e.HResult:x}): its disk is full or defective.", isTransient: true);
        }
        var place = Place(scanId, files.Count);
        var named = files.Select((file, i) => Named(place, i, files.Count, format, file)).ToArray();
        for (var i = 0; i < named.Length; i++) File.Move(files[i], named[i]);
        return named is [var only] ? only : place;
    }

    public void Dispose()
    {
        owned?.Dispose();
        if (owned is not null) return;
        try
        {
            folder?.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start, or the system, deletes it.
        }
    }

    DirectoryInfo Folder()
    {
        lock (making)
        {
            // Mode 0700 on Unix, like every folder below a data directory.
            return folder ??= parent is null ? new((owned = OwnedFolder.Create(Path.GetTempPath())).Path) : Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("n")));
        }
    }

    string Place(string scanId, int count)
    {
        var place = Path.Combine(Folder().FullName, $"scan-{scanId}");
        if (count > 1) Directory.CreateDirectory(place);
        return place;
    }

    static string Named(string place, int index, int count, string format, string file) =>
        (count == 1 ? place : Path.Combine(place, $"{index + 1:0000}")) + ExtensionOf(file, format);

    static void LinkTo(string name, string file)
    {
        try
        {
            File.CreateSymbolicLink(name, Path.GetFullPath(file));
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            File.Copy(file, name); // Creating links requires a privilege on Windows.
        }
    }

    /// <summary>Some readers decide by the file name's extension, so it is chosen from the bytes.</summary>
    static string ExtensionOf(string file, string format)
    {
        Span<byte> start = stackalloc byte[132];
        using (var handle = File.OpenHandle(file)) start = start[..RandomAccess.Read(handle, start, 0)];
        if (start.StartsWith("PK"u8)) return ".zip";
        if (start.Length == 132 && start[128..].SequenceEqual("DICM"u8)) return ".dcm";
        if (!start.StartsWith("II"u8) && !start.StartsWith("MM"u8)) return "";
        return format.StartsWith("aperio", StringComparison.Ordinal) ? ".svs" : ".tiff";
    }
}
