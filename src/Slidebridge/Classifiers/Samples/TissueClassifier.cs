using System.Globalization;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples;

/// <summary>
/// A simple real image analysis: finds the tissue at low magnification and returns its outlines, a report of its area,
/// and a failed quality control for a slide without tissue.
/// </summary>
sealed class TissueClassifier : IClassifier
{
    const string Annotation = "tissue";

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        var withTissue = 0;
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken);
            Tell(results.Scan(scan.Id), slide, mask);
            if (!mask.IsEmpty) withTissue++;
            context.Progress.Report(new ScanProgress(scan.Id, 1));
        }
        results.Case.Set("scansWithTissue", withTissue);
        return results.Build();
    }

    static void Tell(ScanResultBuilder found, Slide slide, TissueMask mask)
    {
        foreach (var region in mask.Regions) found.Polygon(Ring(region.Outline), Annotation, region.Holes.Select(Ring));
        var pieces = mask.Regions.Count == 1 ? "1 piece" : Text($"{mask.Regions.Count} pieces");
        var share = Text($"{mask.TissueFraction * 100:0.#} %");
        NamedResult[] all = [new("Tissue area", Area(mask.Regions.Sum(r => r.AreaPixels), slide.Mpp)), new("Tissue share of the slide", share), new("Pieces of tissue", Text($"{mask.Regions.Count}"))];
        found.Workflow("tissue", "Slidebridge", ruo: true, new BasicReport(all, [.. mask.Regions.Select((region, i) => Piece(region, i, slide.Mpp))]));

        if (mask.IsEmpty) found.Summary("No tissue was found.").QcFail("no tissue");
        else found.Summary($"{Area(mask.Regions.Sum(r => r.AreaPixels), slide.Mpp)} of tissue in {pieces}, {share} of the slide").QcPass();
    }

    static Segment Piece(TissueRegion region, int index, MicronsPerPixel? mpp)
    {
        var outline = new Polygon([[.. Ring(region.Outline)], .. region.Holes.Select(hole => (IReadOnlyList<Position>)[.. Ring(hole)])]);
        return new Segment(Text($"Tissue {index + 1}"), new FeatureCollection { Features = [Feature.Of(outline, Annotation)] }, Area(region.AreaPixels, mpp));
    }

    /// <summary>Square millimetres if the slide says its resolution.</summary>
    static string Area(double pixels, MicronsPerPixel? mpp) => mpp is { } size
        ? Text($"{pixels * size.X * size.Y / 1e6:0.###} mm²")
        : Text($"{pixels:0} px² (the slide does not say its resolution)");

    static IEnumerable<Position> Ring(IReadOnlyList<SlidePoint> ring) => ring.Select(p => new Position(Math.Round(p.X, 2), Math.Round(p.Y, 2)));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
