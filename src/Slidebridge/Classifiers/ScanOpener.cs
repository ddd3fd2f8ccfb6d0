using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Classifiers;

/// <summary>Makes of a task's row what a classifier is given, with every slide open.</summary>
sealed class ScanOpener(SlideHttp http)
{
    /// <summary>Opens every scan's slide, all at once.</summary>
    /// <exception cref="SlideFormatException">One is no slide that can be read.</exception>
    /// <exception cref="SlideSourceException">One cannot be reached.</exception>
    public async Task<OpenedTask> OpenAsync(BridgeTask row, CancellationToken cancellationToken)
    {
        var opened = new OpenedTask(new ClassificationTask
        {
            TaskId = row.Number,
            CaseId = row.CaseNumber,
            CompanyId = row.CompanyId,
            Model = row.Model,
            Request = row.Request is null ? null : JsonNode.Parse(row.Request) as JsonObject,
            Scans = [.. row.Scans.Select(scan => new Scan(scan.ScanId, scan.Stain, c => Slide.OpenAsync([.. scan.Urls.Select(url => new Uri(url))], http.Options, c)))],
        });
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
}

/// <summary>A task whose slides are open until it is disposed.</summary>
sealed record OpenedTask(ClassificationTask Task) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var scan in Task.Scans) await scan.DisposeAsync();
    }
}
