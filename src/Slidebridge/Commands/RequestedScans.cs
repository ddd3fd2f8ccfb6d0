using Slidebridge.Execution;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Webhook;

namespace Slidebridge.Commands;

/// <summary>The slides of a webhook's request, or of a stored task, opened, with the scans' own ids.</summary>
sealed class RequestedScans : IAsyncDisposable
{
    readonly LocalSlides copies = new(parent: null);
    readonly List<Scan> scans = [];

    RequestedScans()
    {
    }

    public IReadOnlyList<Scan> All => scans;

    /// <summary>Opens all slides.</summary>
    /// <exception cref="SlidebridgeException">A slide cannot be reached, or a file is not a slide.</exception>
    public static async Task<RequestedScans> OpenAsync(IReadOnlyList<RequestedScan> requested, SlideOptions options, CancellationToken cancellationToken)
    {
        var opened = new RequestedScans();
        try
        {
            foreach (var scan in requested) opened.Add(scan, options);
            foreach (var scan in opened.scans) await scan.OpenSlideAsync(cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    void Add(RequestedScan requested, SlideOptions options)
    {
        Slide? slide = null;
        scans.Add(new Scan(
            requested.Id, requested.Stain, async c => slide = await Slide.OpenAsync([.. requested.Urls.Select(SlideUrl.Parse)], options, c),
            c => copies.CopyAsync(requested.Id, slide?.Format ?? "", requested.Urls, options, c)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scan in scans) await scan.DisposeAsync();
        copies.Dispose();
    }
}
