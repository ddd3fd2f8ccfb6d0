using System.Globalization;
using Slidebridge.Classifiers;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Commands;

/// <summary>The slides that a command's arguments name, open, as the scans 1, 2, 3 … of one task.</summary>
sealed class NamedScans : IAsyncDisposable
{
    const string Dicom = "dicom-wsi";

    readonly List<Scan> scans = [];
    readonly LocalSlides copies = new(parent: null);
    readonly SlideOptions options;

    NamedScans(SlideOptions options) => this.options = options;

    public IReadOnlyList<Scan> All => scans;

    /// <summary>Opens them all.</summary>
    /// <param name="named">Files, folders and URLs; a folder that is no slide itself stands for the slides in it.</param>
    /// <param name="stains">What the scans are stained with.</param>
    /// <param name="passedOver">Takes a sentence for each file in such a folder that is no slide.</param>
    /// <param name="options">How the slides are read.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    public static async Task<NamedScans> OpenAsync(IReadOnlyList<string> named, ScanStains stains, Action<string> passedOver, SlideOptions options, CancellationToken cancellationToken)
    {
        var opened = new NamedScans(options);
        try
        {
            foreach (var each in named) await opened.AddAsync(each, stains, passedOver, cancellationToken);
            stains.CheckAll(opened.scans);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scan in scans) await scan.DisposeAsync();
        copies.Dispose();
    }

    async Task AddAsync(string named, ScanStains stains, Action<string> passedOver, CancellationToken cancellationToken)
    {
        try
        {
            var slide = await NamedSlide.OpenAsync(named, cancellationToken, options);
            if (slide.Format == Dicom || !Directory.Exists(named))
            {
                await AddAsync(named, slide, stains);
                return;
            }
            await slide.DisposeAsync(); // The one slide among other files: it is its file, not the folder, that code which opens slides itself can read.
            await AddFilesAsync(named, null, stains, passedOver, cancellationToken);
        }
        catch (SlideFormatException e) when (Directory.Exists(named))
        {
            await AddFilesAsync(named, e, stains, passedOver, cancellationToken);
        }
        catch (Exception e) when (e is SlideFormatException or SlideSourceException)
        {
            throw new CommandException($"{Told(named)}: {e.Message}");
        }
    }

    /// <summary>Takes each file of a folder that is a slide by itself. Not one of DICOM: a series' files are slides only together, and what is wrong with it was said.</summary>
    async Task AddFilesAsync(string folder, SlideFormatException? asOne, ScanStains stains, Action<string> passedOver, CancellationToken cancellationToken)
    {
        var before = scans.Count;
        foreach (var file in Directory.EnumerateFiles(folder).Where(f => !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            Slide slide;
            try
            {
                slide = await NamedSlide.OpenAsync(file, cancellationToken, options);
            }
            catch (SlideFormatException e)
            {
                passedOver($"{file} is passed over: {e.Message}");
                continue;
            }
            await AddAsync(file, slide, stains);
            if (slide.Format == Dicom && asOne is not null) throw new CommandException($"{folder} is no one DICOM slide ({asOne.Message.TrimEnd('.')}). Name the folder of each series.");
        }
        if (scans.Count == before) throw new CommandException($"{folder} holds no slide.");
    }

    async Task AddAsync(string named, Slide slide, ScanStains stains)
    {
        var id = (scans.Count + 1).ToString(CultureInfo.InvariantCulture);
        scans.Add(new Scan(id, stains.Of(id), _ => Task.FromResult(slide), c => HttpSource.IsHttp(named)
            ? copies.CopyAsync(id, slide.Format, [named], new SlideOptions(), c) : Task.FromResult(Path.GetFullPath(named))));
        await scans[^1].OpenSlideAsync(CancellationToken.None); // From here on the scan closes it.
        if (!HttpSource.IsHttp(named)) await slide.ExamineAsync();
    }

    /// <summary>A URL's query is a key to the slide.</summary>
    static string Told(string named) => SlideUrl.TryParse(named, out var url, out _) ? url.GetLeftPart(UriPartial.Path) : named;
}
