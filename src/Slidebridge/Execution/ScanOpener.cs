using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Provenance;
using Slidebridge.Sdk;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Opens a stored task's slides and builds its ClassificationTask. Each slide is opened from its copy in the staging directory if there is one, otherwise from its URLs.</summary>
sealed class ScanOpener(SlideHttp http, StagedSlides staged, DataDirectory data, TimeProvider time)
{
    /// <summary>Opens the slides of all scans at the same time.</summary>
    /// <param name="row">The task.</param>
    /// <param name="settings">The settings for the task's classifier.</param>
    /// <param name="copied">Receives the bytes that are copied meanwhile.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideFormatException">A file is not a slide that can be read.</exception>
    /// <exception cref="SlideSourceException">A slide cannot be reached.</exception>
    public async Task<OpenedTask> OpenAsync(BridgeTask row, JsonObject? settings, IProgress<long>? copied, CancellationToken cancellationToken)
    {
        var (leases, ways) = (new ConcurrentBag<SlideLease>(), new SlideWays(scanId => row.Scans.Find(scan => scan.ScanId == scanId)?.Urls.Any(staged.HasCopied) == true));
        var files = new LocalSlides(data.Workplace);
        var opened = new OpenedTask(new ClassificationTask
        {
            TaskId = row.Number,
            CaseId = row.CaseNumber,
            CompanyId = row.CompanyId,
            Model = row.Model,
            Request = RequestOf(row),
            Settings = settings,
            Scans = [.. row.Scans.Select(scan => OfScan(scan, leases, ways, files, SlideSettings.Apply(http.Options with { Copied = copied }, settings)))],
        }, leases, ways, files);
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

    /// <summary>The request as the platform sent it, without its tokens: URLs are stored separately and added here.</summary>
    static JsonObject? RequestOf(BridgeTask row)
    {
        if (row.Request is null || JsonNode.Parse(row.Request) is not JsonObject request) return null;
        request["scans"] = new JsonObject(row.Scans.Select(s => KeyValuePair.Create<string, JsonNode?>(s.ScanId, s.Urls.FirstOrDefault())));
        request["scan_urls"] = new JsonObject(row.Scans.Select(s => KeyValuePair.Create<string, JsonNode?>(s.ScanId, new JsonArray([.. s.Urls.Select(url => JsonValue.Create(url))]))));
        return request;
    }

    /// <summary>The host of a task's first slide, for limits and messages.</summary>
    public static string HostOf(BridgeTask row) =>
        row.Scans.SelectMany(scan => scan.Urls).FirstOrDefault() is { } url && SlideUrl.TryParse(url, out var uri, out _) ? uri.IdnHost : "(no host)";

    Scan OfScan(TaskScan scan, ConcurrentBag<SlideLease> leases, SlideWays ways, LocalSlides files, SlideOptions options)
    {
        Slide? slide = null;
        return new Scan(scan.ScanId, scan.Stain, async c => slide = await OpenAsync(scan, leases, ways, options, c), c =>
        {
            ways.GiveWhole(scan.ScanId);
            return CopyAsync(scan, slide?.Format ?? "", leases, files, c);
        });
    }

    /// <summary>Copies through the staging directory if there is one, because several tasks may share a copy.</summary>
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

    async Task<Slide> OpenAsync(TaskScan scan, ConcurrentBag<SlideLease> leases, SlideWays ways, SlideOptions options, CancellationToken cancellationToken)
    {
        if (await staged.FindAllAsync(scan.Urls, cancellationToken) is { } copies)
        {
            foreach (var copy in copies) leases.Add(copy);
            ways.Stage(scan.ScanId);
            // Opened as streams, never by path: a slide from the network is treated as remote, and cannot refer to files beside it on this machine.
            return await Slide.OpenAsync([.. copies.Select(copy => (ByteSource)FileSource.Open(copy.Path))], options, cancellationToken);
        }
        try
        {
            var byUrl = options with { OpenUrl = async (url, token) => new ExpiringSource(url, await HttpSource.OpenAsync(url, options, token), staged, time) };
            return await Slide.OpenAsync([.. scan.Urls.Select(SlideUrl.Parse)], byUrl, cancellationToken);
        }
        // The server decides whether the URL has expired, not this machine's clock, which may be wrong.
        catch (SlideSourceException e) when (e.HttpStatus is 401 or 403 && e is not ExpiredUrlException)
        {
            throw ExpiredUrlException.Of(e, scan.Urls, "before the task ran", time);
        }
    }
}

/// <summary>A task whose slides are open until this is disposed.</summary>
sealed record OpenedTask(ClassificationTask Task, IReadOnlyCollection<SlideLease> Leases, SlideWays Ways, LocalSlides Files) : IAsyncDisposable
{
    /// <summary>The bytes and pixels read from the slides so far.</summary>
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

    /// <summary>What the slides are, and which of their bytes were read so far.</summary>
    public async Task<(IReadOnlyList<SlideProvenance> Slides, IReadOnlyList<ScanLedger> Ledger)> DescribeAsync()
    {
        var (slides, ledger) = (new List<SlideProvenance>(), new List<ScanLedger>());
        foreach (var scan in Task.Scans)
        {
            var slide = await scan.OpenSlideAsync(CancellationToken.None);
            slides.Add(SlideProvenance.Of(scan.Id, slide));
            ledger.Add(ScanLedger.Of(scan.Id, slide, Ways.IsStaged(scan.Id), Ways.IsGivenWhole(scan.Id)));
        }
        return (slides, ledger);
    }

    /// <summary>What was repaired, skipped or doubtful in the slides so far.</summary>
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
