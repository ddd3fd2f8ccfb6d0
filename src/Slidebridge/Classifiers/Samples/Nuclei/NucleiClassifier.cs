using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// Counts nuclei: separates the stains, finds the nuclei in the tissue, and reports each with its place. If the scan's stain
/// marks nuclei (<see cref="NuclearMarkers"/>), it also reports which are positive.
/// </summary>
sealed class NucleiClassifier : IClassifier
{
    /// <summary>In µm per pixel. At a coarser resolution, a nucleus is only a few pixels, without a shape.</summary>
    public const double CoarsestMpp = 1;

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var settings = NucleiSettings.Of(task.Settings);
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var mpp = MppOf(slide, settings, scan.Id);
            var mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken);
            var isMarked = NuclearMarkers.IsNamedBy(scan.Stain);
            var stains = isMarked ? ColorDeconvolution.HaematoxylinDab : ColorDeconvolution.HaematoxylinEosin;
            var nuclei = await NucleusSearch.FindAsync(slide, mask, mpp, settings.TileSize, stains, isMarked,
                done => context.Progress.Report(new ScanProgress(scan.Id, done)), cancellationToken);
            NucleiReport.Tell(results.Scan(scan.Id), nuclei, mask, mpp, isMarked ? settings.PositivityThreshold : null);
            context.Progress.Report(new ScanProgress(scan.Id, 1));
        }
        return results.Build();
    }

    static double MppOf(Slide slide, NucleiSettings settings, string scan)
    {
        var mpp = slide.Mpp?.X ?? settings.Mpp ?? throw new ClassifierException($"The slide of scan {scan} does not say its resolution, which is needed to find nuclei. If you know it, set mpp (µm per pixel) in the classifier's settings.");
        return mpp <= CoarsestMpp ? mpp : throw new ClassifierException($"The slide of scan {scan} has {mpp:0.##} µm per pixel, but nuclei are visible only at {CoarsestMpp} or less.");
    }
}
