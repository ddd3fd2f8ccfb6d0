using System.Collections.Concurrent;
using Slidebridge.Slides.Formats.OpenSlide.Reader;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>A slide that libopenslide has open in separate processes: one for each core that reads it, started on demand. Safe for concurrent readers.</summary>
sealed class OpenSlideFile : IDisposable
{
    static readonly int MostReaders = Math.Clamp(Environment.ProcessorCount, 1, 8);

    readonly string path, what;
    readonly string? folder;
    readonly ConcurrentBag<ReaderProcess> idle = [];
    readonly List<ReaderProcess> readers = [];
    readonly SemaphoreSlim places = new(MostReaders);
    readonly Lock gate = new();
    Exception? failure;
    bool isClosed;

    readonly TimeSpan patience;

    OpenSlideFile(string path, string? folder, string what, TimeSpan patience) => (this.path, this.folder, this.what, this.patience) = (path, folder, what, patience);

    /// <summary>OpenSlide's description of the slide.</summary>
    public ReaderDescription Description { get; private set; } = null!;

    /// <summary>The reader processes, for tests.</summary>
    public IReadOnlyList<int> Readers
    {
        get
        {
            lock (gate) return [.. readers.Select(reader => reader.Id)];
        }
    }

    /// <summary>Opens a local file.</summary>
    /// <param name="path">The file; never in a message.</param>
    /// <param name="folder">The folder that may be read too, for an operator's own slide; null for a slide from elsewhere.</param>
    /// <param name="what">The kind of slide that was recognised, for messages.</param>
    /// <param name="patience">Time limit of one call; null for <see cref="ReaderProcess.LongestCall"/>.</param>
    /// <exception cref="SlideFormatException">OpenSlide does not know the file, or reports that it is damaged.</exception>
    public static OpenSlideFile Open(string path, string? folder, string what, TimeSpan? patience = null) =>
        TryOpen(path, folder, what, patience) ?? throw new SlideFormatException($"The slide is {what}, but OpenSlide {OpenSlideLibrary.Version} does not open it. It is damaged, or needs a newer OpenSlide.");

    /// <summary>Opens a local file; null if OpenSlide does not know it.</summary>
    public static OpenSlideFile? TryOpen(string path, string? folder, string what, TimeSpan? patience = null)
    {
        var file = new OpenSlideFile(path, folder, what, patience ?? ReaderProcess.LongestCall);
        try
        {
            file.Description = file.With(reader => reader.Description);
            return file;
        }
        catch (ReaderException e) when (e.Message == "unknown")
        {
            file.Dispose();
            return null;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void ReadRegion(Memory<uint> pixels, long x, long y, int level, int width, int height) => With(reader =>
    {
        reader.ReadRegion(pixels.Span, x, y, level, width, height);
        return true;
    });

    public void ReadImage(string name, Memory<uint> pixels) => With(reader =>
    {
        reader.ReadImage(name, pixels.Span);
        return true;
    });

    /// <summary>Ends the processes, including those that a caller waits for.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            foreach (var reader in readers) reader.Dispose();
            readers.Clear();
        }
    }

    /// <exception cref="SlideFormatException">OpenSlide failed, now or before: a slide that has crashed OpenSlide once is not opened with it again.</exception>
    T With<T>(Func<ReaderProcess, T> use)
    {
        places.Wait();
        try
        {
            if (failure is { } before) throw new SlideFormatException(before.Message);
            if (!idle.TryTake(out var reader)) reader = Start();
            var result = use(reader);
            idle.Add(reader);
            return result;
        }
        catch (ReaderException e) when (e.Message != "unknown")
        {
            throw Remember(new SlideFormatException($"The slide is {what} that OpenSlide {OpenSlideLibrary.Version} cannot read: {WithoutPath(e.Message)}. The slide is damaged, or needs a newer OpenSlide."));
        }
        catch (SlideFormatException e)
        {
            throw Remember(e);
        }
        finally
        {
            places.Release();
        }
    }

    ReaderProcess Start()
    {
        var reader = ReaderProcess.Start(path, folder, what, patience);
        lock (gate)
        {
            if (isClosed)
            {
                reader.Dispose();
                ObjectDisposedException.ThrowIf(isClosed, typeof(Slide));
            }
            readers.Add(reader);
        }
        return reader;
    }

    Exception Remember(SlideFormatException e)
    {
        if (isClosed) return new ObjectDisposedException(nameof(Slide));
        failure ??= e;
        return e;
    }

    // OpenSlide's messages contain file names; a file name may contain a patient's name.
    string WithoutPath(string error)
    {
        foreach (var (text, instead) in new[] { (Path.GetFullPath(path), "the slide"), (path, "the slide"), (Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", "its folder"), (Path.GetFileNameWithoutExtension(path), "the slide") })
            if (text.Length > 2 && text != "slide") error = error.Replace(text, instead, StringComparison.Ordinal);
        return error.Length > 500 ? error[..500] : error.TrimEnd('.', ' ');
    }
}
