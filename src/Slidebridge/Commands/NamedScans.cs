using System.Globalization;
using Slidebridge.Execution;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>The slides of a command's arguments, opened, as the scans 1, 2, 3 … of one task.</summary>
sealed class NamedScans : IAsyncDisposable
{
    const string Dicom = "dicom-wsi";

    readonly List<Scan> scans = [];
    readonly List<string> names = [];
    readonly LocalSlides copies = new(parent: null);
    readonly SlideOptions options;

    readonly IReadOnlyList<string>? ids;

    NamedScans(SlideOptions options, IReadOnlyList<string>? ids) => (this.options, this.ids) = (options, ids);

    public IReadOnlyList<Scan> All => scans;

    /// <summary>The name of a scan's slide: its file, its folder, or its URL without the query.</summary>
    public string NameOf(Scan scan) => names[scans.IndexOf(scan)];

    /// <summary>Opens all slides.</summary>
    /// <param name="named">Files, folders and URLs; a folder that is not itself a slide stands for the slides in it.</param>
    /// <param name="stains">The scans' stains.</param>
    /// <param name="passedOver">Receives a sentence for each file in such a folder that is not a slide.</param>
    /// <param name="options">How the slides are read.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="ids">The scans' ids, as many as there are slides; null: 1, 2, 3 …</param>
    public static async Task<NamedScans> OpenAsync(IReadOnlyList<string> named, ScanStains stains, Action<string> passedOver, SlideOptions options, CancellationToken cancellationToken, IReadOnlyList<string>? ids = null)
    {
        var opened = new NamedScans(options, ids);
        try
        {
            foreach (var each in named)
                if (!await opened.TryAddAsync(each, stains, passedOver, cancellationToken)) throw new CommandException($"{each} contains no slide.");
            if (ids is not null && ids.Count != opened.scans.Count) throw new CommandException($"The task has {Counted.Text(ids.Count, "scan")}, but {Counted.Text(opened.scans.Count, "slide")} {(opened.scans.Count == 1 ? "was" : "were")} named. Name one slide for each scan, in the order {string.Join(", ", ids)}.", 2);
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

    /// <returns>False for a folder without a slide.</returns>
    async Task<bool> TryAddAsync(string named, ScanStains stains, Action<string> passedOver, CancellationToken cancellationToken)
    {
        try
        {
            var slide = await NamedSlide.OpenAsync(named, cancellationToken, options);
            if (slide.Format == Dicom || !Directory.Exists(named))
            {
                await AddAsync(named, slide, stains);
                return true;
            }
            await slide.DisposeAsync(); // The only slide among other files: code that opens slides itself needs its file, not the folder.
            return await TryAddFilesAsync(named, null, stains, passedOver, cancellationToken);
        }
        catch (SlideFormatException e) when (Directory.Exists(named))
        {
            return await TryAddFilesAsync(named, e, stains, passedOver, cancellationToken);
        }
        catch (Exception e) when (e is SlideFormatException or SlideSourceException)
        {
            throw new CommandException($"{Shown(named)}: {e.Message}");
        }
    }

    /// <summary>Adds the slides of a folder: its DICOM files together are one slide, every other file may be a slide, and its subfolders may contain slides.</summary>
    async Task<bool> TryAddFilesAsync(string folder, SlideFormatException? asOne, ScanStains stains, Action<string> passedOver, CancellationToken cancellationToken)
    {
        var before = scans.Count;
        var files = Directory.EnumerateFiles(folder).Where(IsVisible).Order(StringComparer.Ordinal).ToList();
        var series = new List<string>();
        foreach (var file in files)
            if (await IsDicomAsync(file, cancellationToken)) series.Add(file);
        foreach (var file in files)
        {
            if (series.Contains(file))
            {
                if (file == series[0]) await AddSeriesAsync(folder, series, asOne, stains, cancellationToken);
                continue;
            }
            try
            {
                await AddAsync(file, await NamedSlide.OpenAsync(file, cancellationToken, options), stains);
            }
            catch (SlideFormatException e)
            {
                passedOver($"{file} is skipped: {e.Message}");
            }
        }
        // Subfolders may contain anything, such as the results of an earlier run, so their files are not reported. Links are not followed, because they could form a cycle.
        foreach (var inner in new DirectoryInfo(folder).EnumerateDirectories().Where(each => IsVisible(each.Name) && each.LinkTarget is null).Select(each => each.FullName).Order(StringComparer.Ordinal))
            await TryAddAsync(inner, stains, static _ => { }, cancellationToken);
        return scans.Count > before;
    }

    async Task AddSeriesAsync(string folder, List<string> files, SlideFormatException? asOne, ScanStains stains, CancellationToken cancellationToken)
    {
        try
        {
            var slide = await NamedSlide.OpenAsync(files, cancellationToken, options);
            await AddAsync(folder, slide, stains, files);
        }
        catch (SlideFormatException e)
        {
            throw new CommandException($"{folder} is not a single DICOM slide ({(asOne ?? e).Message.TrimEnd('.')}). Name the folder of each series.");
        }
    }

    static bool IsVisible(string path) => !Path.GetFileName(path).StartsWith('.');

    // PS3.10 §7.1.
    static async Task<bool> IsDicomAsync(string path, CancellationToken cancellationToken)
    {
        var head = new byte[132];
        await using var file = FileSource.Open(path);
        if (file.Length < head.Length) return false;
        await file.ReadAsync(0, head, cancellationToken);
        return head.AsSpan(128).SequenceEqual("DICM"u8);
    }

    /// <param name="named">The slide's file, folder or URL.</param>
    /// <param name="slide">The opened slide.</param>
    /// <param name="stains">The scans' stains.</param>
    /// <param name="files">The slide's files, if they are not all files of its folder.</param>
    async Task AddAsync(string named, Slide slide, ScanStains stains, IReadOnlyList<string>? files = null)
    {
        var id = ids?.ElementAtOrDefault(scans.Count) ?? (scans.Count + 1).ToString(CultureInfo.InvariantCulture);
        names.Add(Shown(named));
        scans.Add(new Scan(id, stains.Of(id), _ => Task.FromResult(slide), c => HttpSource.IsHttp(named)
            ? copies.CopyAsync(id, slide.Format, [named], new SlideOptions(), c) : Task.FromResult(files is null ? Path.GetFullPath(named) : copies.Link(id, slide.Format, files))));
        await scans[^1].OpenSlideAsync(CancellationToken.None); // From here on, the scan disposes the slide.
        if (!HttpSource.IsHttp(named)) await slide.ExamineAsync();
    }

    /// <summary>Without a URL's query, which gives access to the slide.</summary>
    static string Shown(string named) => SlideUrl.TryParse(named, out var url, out _) ? url.GetLeftPart(UriPartial.Path) : named;
}
