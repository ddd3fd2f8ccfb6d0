using System.Globalization;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Samples;

/// <summary>
/// Draws four fixed boxes on every slide, as the example in the platform's developer kit does, to test the set-up end to end.
/// It reads no pixels.
/// </summary>
sealed class BoxesClassifier : IClassifier
{
    /// <summary>Boxes along each edge.</summary>
    const int Grid = 2;

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var found = results.Scan(scan.Id);
            for (var row = 0; row < Grid; row++)
            {
                for (var column = 0; column < Grid; column++)
                {
                    // Both edges are rounded by the same rule, so that neighbours meet and the last boxes end at the slide's edge.
                    var (left, top) = (Edge(slide.Width, column), Edge(slide.Height, row));
                    var (right, bottom) = (Edge(slide.Width, column + 1), Edge(slide.Height, row + 1));
                    found.Box(left, top, right - left, bottom - top, "tissue_tumor_positive");
                }
            }
            found.Summary(string.Create(CultureInfo.InvariantCulture, $"{Grid * Grid} boxes"));
            context.Progress.Report(new ScanProgress(scan.Id, 1));
        }
        results.Case.Set("mitosisCount", Grid * Grid * task.Scans.Count);
        return results.Build();
    }

    static int Edge(int length, int index) => (int)((long)length * index / Grid);
}
