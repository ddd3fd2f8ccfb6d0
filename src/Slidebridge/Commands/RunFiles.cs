using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Commands;

/// <summary>The files that <c>run</c> writes: the results, and for each scan a picture and a file for QuPath.</summary>
static class RunFiles
{
    /// <returns>The files' paths.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, TaskResults results, byte[] json, IReadOnlyList<Scan> scans, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        List<string> written = [Path.Combine(folder, "results.json")];
        await File.WriteAllBytesAsync(written[0], json, cancellationToken);
        foreach (var scan in scans)
        {
            var number = scans.Count == 1 ? "" : "-" + scan.Id;
            var (overlay, annotations) = (Path.Combine(folder, $"overlay{number}.png"), Path.Combine(folder, $"annotations{number}.geojson"));
            var result = results.ScanResults.FirstOrDefault(r => r.ScanId == scan.Id);
            var picture = await OverlayThumbnails.TakeAsync(await scan.OpenSlideAsync(cancellationToken), cancellationToken);
            await File.WriteAllBytesAsync(overlay, OverlayPainter.Paint(picture, result), cancellationToken);
            await using (var file = File.Create(annotations)) await QuPathAnnotations.WriteAsync(file, result?.Shapes() ?? [], cancellationToken);
            written.AddRange([overlay, annotations]);
        }
        return written;
    }
}
