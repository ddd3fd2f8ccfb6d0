using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Collects labels of pixels. Areas are counted tile by tile, each pixel once; outlines are traced at the end on one map of the whole slide, so that tile borders are not visible.</summary>
sealed class SegmentationCollector : ICollector
{
    readonly ModelFile file;
    readonly string output;
    readonly ModelGrid grid;
    readonly TissueMask? tissue;
    readonly PixelScores scores;
    readonly Dictionary<int, HeatMap> heat;
    readonly Dictionary<int, long> found;
    readonly Dictionary<int, CoverageMap> maps = [];
    long analysed;
    int factor = 1;

    public SegmentationCollector(ModelFile file, string output, IReadOnlyList<double> thresholds, ModelGrid grid, TissueMask? tissue)
    {
        (this.file, this.output, this.grid, this.tissue) = (file, output, grid, tissue);
        scores = new PixelScores(file, thresholds);
        heat = file.Foreground.ToDictionary(l => l.Index, _ => new HeatMap(grid));
        found = file.Foreground.ToDictionary(l => l.Index, _ => 0L);
    }

    public void Add(InputBatch batch, ModelOutputs outputs)
    {
        var tensor = outputs[output];
        var layout = scores.Fit(file, tensor, batch.Count);
        factor = layout.Factor;
        if (maps.Count == 0)
            foreach (var label in found.Keys) maps[label] = new CoverageMap((grid.Width + factor - 1) / factor, (grid.Height + factor - 1) / factor);
        var size = tensor.Values.Length / (int)tensor.Shape[0];
        var row = new bool[layout.Width];
        for (var i = 0; i < batch.Count; i++) Add(batch.Places[i], tensor.Values.Slice(i * size, size), layout, row);
    }

    void Add(TilePlace place, ReadOnlySpan<float> values, PixelLayout layout, bool[] row)
    {
        var parts = grid.PartsOf(place.Column, place.Row);
        int left = place.Column * grid.StepX / factor, top = place.Row * grid.StepY / factor;
        long all = 0;
        foreach (var part in parts) all += Cells(part.Left, part.Right) * Cells(part.Top, part.Bottom);
        foreach (var (label, map) in maps)
        {
            long count = 0;
            foreach (var part in parts)
            {
                int from = part.Left / factor, width = (int)Cells(part.Left, part.Right);
                var pixels = row.AsSpan(0, width);
                for (var y = part.Top / factor; y * factor < part.Bottom; y++)
                {
                    scores.Read(values, layout, y * layout.Width + from, label, pixels);
                    for (var x = 0; x < width; x++)
                    {
                        if (!pixels[x]) continue;
                        count++;
                        map.Add(left + from + x, top + y);
                    }
                }
            }
            found[label] += count;
            heat[label][place.Column, place.Row] = all > 0 ? (float)count / all : 0;
        }
        analysed += all;

        // Parts begin at whole pixels of the output; at the slide's edge the last pixel may be truncated.
        long Cells(int start, int end) => (end + factor - 1) / factor - start / factor;
    }

    public ScanFindings Finish(CancellationToken cancellationToken)
    {
        var pixel = grid.Downsample * factor;
        var measures = Collectors.Analysed(grid, analysed * pixel * pixel);
        var regions = new Dictionary<int, IReadOnlyList<MaskRegion>>();
        var objects = new List<FoundObject>();
        // From square micrometres, or from level-0 pixels if the slide does not say its resolution, to pixels of the output.
        var perPixel = pixel * pixel * (grid.SquareMillimetres * 1e6 ?? 1);
        var options = file.Report.Polygons;
        foreach (var (label, count) in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            regions[label] = maps.TryGetValue(label, out var map)
                ? [.. map.Trace((options?.MinArea ?? 0) / perPixel, (options?.MinHole ?? 0) / perPixel, options?.Simplify ?? 0).Select(region => region.Move(Place))]
                : [];
            objects.AddRange(regions[label].Select(region => ObjectOf(label, region)));
            var name = file.Labels[label].Name;
            (measures[$"{name}.{Measures.Count}"], measures[$"{name}.{Measures.Share}"]) = (regions[label].Count, analysed > 0 ? (double)count / analysed : 0);
            if (grid.SquareMillimetres is { } size) measures[$"{name}.{Measures.Area}"] = count * pixel * pixel * size;
        }
        return new ScanFindings { Grid = grid, Tissue = tissue, Measures = measures, Heat = heat, Regions = regions, Objects = objects, Scored = [] };

        SlidePoint Place(SlidePoint p) => new(Math.Min(p.X * pixel, grid.SlideWidth), Math.Min(p.Y * pixel, grid.SlideHeight));
    }

    // A region has no score: all its pixels reached the threshold.
    static FoundObject ObjectOf(int label, MaskRegion region)
    {
        double left = region.Outline.Min(p => p.X), top = region.Outline.Min(p => p.Y), right = region.Outline.Max(p => p.X), bottom = region.Outline.Max(p => p.Y);
        return new FoundObject(label, float.NaN, (float)left, (float)top, (float)(right - left), (float)(bottom - top));
    }
}
