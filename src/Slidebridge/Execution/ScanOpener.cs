using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Sdk;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Makes of a task's row what a classifier is given, with every slide open: from its copy in the staging directory where there is one, else from its URLs.</summary>
sealed class ScanOpener(SlideHttp http, StagedSlides staged, DataDirectory data, TimeProvider time)
{
    /// <summary>Opens every scan's slide, all at once.</summary>
    /// <param name="row">The task.</param>
    /// <param name="settings">What its classifier gets as its settings.</param>
    /// <param name="copied">Told what is copied whole meanwhile.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideFormatException">One is no slide that can be read.</exception>
    /// <exception cref="SlideSourceException">One cannot be reached.</exception>
    public async Task<OpenedTask> OpenAsync(BridgeTask row, JsonObject? settings, IProgress<long>? copied, CancellationToken cancellationToken)
    {
        var leases = new ConcurrentBag<SlideLease>();
        var files = new LocalSlides(data.Workplace);
        var opened = new OpenedTask(new ClassificationTask
        {
            TaskId = row.Number,
            CaseId = row.CaseNumber,
            CompanyId = row.CompanyId,
            Model = row.Model,
            Request = RequestOf(row),
            Settings = settings,
            Scans = [.. row.Scans.Select(scan => OfScan(scan, leases, files, SlideSettings.Apply(http.Options with { Copied = copied }, settings)))],
        }, leases, files);
        try
        {
            await Task.WhenAll(opened.Task.Scans.Select(s => s.OpenSlideAsync(cancellationToken)));
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>The request as the platform sent it, but for its tokens: its URLs are kept beside it.</summary>
    static JsonObject? RequestOf(BridgeTask row)
    {
        if (row.Request is null || JsonNode.Parse(row.Request) is not JsonObject request) return null;
        request["scans"] = new JsonObject(row.Scans.Select(s => KeyValuePair.Create<string, JsonNode?>(s.ScanId, s.Urls.FirstOrDefault())));
        request["scan_urls"] = new JsonObject(row.Scans.Select(s => KeyValuePair.Create<string, JsonNode?>(s.ScanId, new JsonArray([.. s.Urls.Select(url => JsonValue.Create(url))]))));
        return request;
    }

    /// <summary>Where a task's first slide is, for limits and messages.</summary>
    public static string HostOf(BridgeTask row) =>
        row.Scans.SelectMany(scan => scan.Urls).FirstOrDefault() is { } url && SlideUrl.TryParse(url, out var uri, out _) ? uri.IdnHost : "(no host)";

    Scan OfScan(TaskScan scan, ConcurrentBag<SlideLease> leases, LocalSlides files, SlideOptions options)
    {
        Slide? slide = null;
        return new Scan(scan.ScanId, scan.Stain, async c => slide = await OpenAsync(scan, leases, options, c), c => CopyAsync(scan, slide?.Format ?? "", leases, files, c));
    }

    /// <summary>By way of the staging directory where there is one: several tasks share its copy.</summary>
    async Task<string> CopyAsync(TaskScan scan, string format, ConcurrentBag<SlideLease> leases, LocalSlides files, CancellationToken cancellationToken)
    {
        if (!staged.IsOn) return await files.CopyAsync(scan.ScanId, format, scan.Urls, http.Options, cancellationToken);
        var copies = new List<string>();
        foreach (var url in scan.Urls)
        {
            var lease = await staged.StageAsync(url, cancellationToken);
            leases.Add(lease);
            copies.Add(lease.Path);
        }
        return files.Link(scan.ScanId, format, copies);
    }

    async Task<Slide> OpenAsync(TaskScan scan, ConcurrentBag<SlideLease> leases, SlideOptions options, CancellationToken cancellationToken)
    {
        if (await staged.FindAllAsync(scan.Urls, cancellationToken) is { } copies)
        {
            foreach (var copy in copies) leases.Add(copy);
            // As bytes, never by their paths: what came over the network stays remote, and finds no file beside it.
            return await Slide.OpenAsync([.. copies.Select(copy => (ByteSource)FileSource.Open(copy.Path))], options, cancellationToken);
        }
        try
        {
            var byUrl = options with { OpenUrl = async (url, token) => new ExpiringSource(url, await HttpSource.OpenAsync(url, options, token), staged, time) };
            return await Slide.OpenAsync([.. scan.Urls.Select(SlideUrl.Parse)], byUrl, cancellationToken);
        }
        // That the server refuses is its word, not our clock's: ours may be wrong.
        catch (SlideSourceException e) when (e.HttpStatus is 401 or 403 && e is not ExpiredUrlException)
        {
            throw ExpiredUrlException.Of(e, scan.Urls, "before its turn came", time);
        }
    }
}

/// <summary>A task whose slides are open until it is disposed.</summary>
sealed record OpenedTask(ClassificationTask Task, IReadOnlyCollection<SlideLease> Leases, LocalSlides Files) : IAsyncDisposable
{
    /// <summary>What was read of the slides so far.</summary>
    public async Task<(long Bytes, long Pixels)> ReadAsync()
    {
        var (bytes, pixels) = (0L, 0L);
        foreach (var scan in Task.Scans)
        {
            var slide = await scan.OpenSlideAsync(CancellationToken.None);
            (bytes, pixels) = (bytes + slide.Usage.BytesRead, pixels + slide.PixelsDecoded);
        }
        return (bytes, pixels);
    }

    /// <summary>How large each scan's slide is.</summary>
    public async Task<IReadOnlyList<ScanSize>> SizesAsync()
    {
        var all = new List<ScanSize>();
        foreach (var scan in Task.Scans)
            if (await scan.OpenSlideAsync(CancellationToken.None) is var slide) all.Add(new ScanSize(scan.Id, slide.Width, slide.Height));
        return all;
    }

    /// <summary>What was mended, skipped or doubted of the slides so far.</summary>
    public async Task<IReadOnlyList<(string ScanId, SlideWarning Warning)>> WarningsAsync()
    {
        var all = new List<(string, SlideWarning)>();
        foreach (var scan in Task.Scans)
            foreach (var warning in (await scan.OpenSlideAsync(CancellationToken.None)).Warnings) all.Add((scan.Id, warning));
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scan in Task.Scans) await scan.DisposeAsync();
        Files.Dispose();
        foreach (var lease in Leases) lease.Dispose();
    }
}

/// <param name="ScanId">The scan.</param>
/// <param name="Width">Its slide's width, in level-0 pixels.</param>
/// <param name="Height">Its slide's height, in level-0 pixels.</param>
readonly record struct ScanSize(string ScanId, int Width, int Height);
