using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>
/// Collects boxes. A box is taken from the tile that owns its centre, or from one that nearly does, because two tiles may see an object's centre a pixel apart; if two tiles
/// have then found the same object, one box is kept. Memory is about forty bytes a box, and there are at most <see cref="MostBoxes"/>.
/// </summary>
sealed class DetectionCollector(ModelFile file, IReadOnlyList<string> outputs, IReadOnlyList<double> thresholds, ModelGrid grid, TissueMask? tissue) : ICollector
{
    const int MostBoxes = 2_000_000;

    readonly BoxReader reader = new(file, outputs, thresholds);
    readonly List<TileBox> boxes = [];
    readonly List<Candidate> ofTile = [], all = [];

    // Maximum distance between two tiles' centres of one object; limited by the overlap.
    readonly int apart = Math.Min(4, grid.Overlap / 8);

    double analysed;

    public void Add(InputBatch batch, ModelOutputs found)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            boxes.Clear();
            reader.Read(found, i, batch.Count, boxes);
            Add(batch.Places[i]);
        }
    }

    void Add(TilePlace place)
    {
        var parts = grid.PartsOf(place.Column, place.Row);
        analysed += parts.Sum(p => p.Area) * grid.Downsample * grid.Downsample;
        ofTile.Clear();
        foreach (var box in boxes)
        {
            var (x, y) = (box.Left + box.Width / 2, box.Top + box.Height / 2);
            if (!SpeaksFor(x, y, apart) || !IsOnSlide(place, x, y)) continue;
            var moved = new FoundObject(box.Label, box.Score, (float)(place.X + box.Left * grid.Downsample), (float)(place.Y + box.Top * grid.Downsample),
                (float)(box.Width * grid.Downsample), (float)(box.Height * grid.Downsample));
            ofTile.Add(new Candidate(moved, place.Row * grid.Columns + place.Column, IsAtSeam: apart > 0 && !IsWellWithin(x, y)));
        }
        // Do it now, so that a detector without its own suppression does not fill the memory.
        all.AddRange(Overlaps.Resolve(ofTile, file.Output.Boxes!.NmsIou));
        if (all.Count > MostBoxes) throw new ClassifierException($"The model found more than {MostBoxes} objects on one scan. Raise the labels' thresholds.");

        bool SpeaksFor(float x, float y, int by) => parts.Any(p => p.Contains(x, y))
            || (by > 0 && parts.Any(p => p.Contains(x - by, y) || p.Contains(x + by, y) || p.Contains(x, y - by) || p.Contains(x, y + by)));

        bool IsWellWithin(float x, float y) => SpeaksFor(x - 2 * apart, y, 0) && SpeaksFor(x + 2 * apart, y, 0) && SpeaksFor(x, y - 2 * apart, 0) && SpeaksFor(x, y + 2 * apart, 0);
    }

    // The part of a tile beyond the slide's edge is padding.
    bool IsOnSlide(TilePlace place, float x, float y) =>
        place.X + x * grid.Downsample is var slideX && slideX >= 0 && slideX < grid.SlideWidth && place.Y + y * grid.Downsample is var slideY && slideY >= 0 && slideY < grid.SlideHeight;

    public ScanFindings Finish(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FoundObject[] objects = [.. Overlaps.Resolve(all, file.Output.Boxes!.NmsIou).Select(c => c.Object)];
        var measures = Collectors.Analysed(grid, analysed);
        foreach (var (label, described) in file.Foreground)
        {
            var own = objects.Where(o => o.Label == label).ToArray();
            measures[$"{described.Name}.{Measures.Count}"] = own.Length;
            measures[$"{described.Name}.{Measures.Share}"] = objects.Length > 0 ? (double)own.Length / objects.Length : 0;
            measures[$"{described.Name}.{Measures.Max}"] = own.Length > 0 ? own.Max(o => o.Score) : 0;
            if (grid.SquareMillimetres is { } size && analysed > 0) measures[$"{described.Name}.{Measures.Density}"] = own.Length / (analysed * size);
        }
        return new ScanFindings { Grid = grid, Tissue = tissue, Measures = measures, Heat = Density(objects), Regions = new Dictionary<int, IReadOnlyList<MaskRegion>>(), Objects = objects, Scored = objects };
    }

    // Objects per mm², by tile; objects, if the slide does not say its resolution.
    Dictionary<int, HeatMap> Density(FoundObject[] objects)
    {
        var maps = file.Report.Heatmaps.Select(h => h.Label).Distinct().ToDictionary(label => label, _ => new HeatMap(grid));
        foreach (var (label, map) in maps)
        {
            for (var row = 0; row < grid.Rows; row++)
                for (var column = 0; column < grid.Columns; column++)
                    if (grid.IsRead(column, row)) map[column, row] = 0;
            foreach (var found in objects.Where(o => o.Label == label))
            {
                var (column, row) = (ColumnOf(found.X), RowOf(found.Y));
                var (left, top, right, bottom) = map.PlaceOf(column, row);
                var before = float.IsNaN(map[column, row]) ? 0 : map[column, row];
                map[column, row] = before + (float)(grid.SquareMillimetres is { } size ? 1 / ((right - left) * (bottom - top) * size) : 1);
            }
        }
        return maps;
    }

    int ColumnOf(double x) => Between(x / grid.Downsample, grid.StepX, grid.Columns, grid.LeftOf);

    int RowOf(double y) => Between(y / grid.Downsample, grid.StepY, grid.Rows, grid.TopOf);

    static int Between(double pixel, int step, int count, Func<int, int> edge)
    {
        var tile = Math.Clamp((int)(pixel / step), 0, count - 1);
        while (tile > 0 && pixel < edge(tile)) tile--;
        while (tile < count - 1 && pixel >= edge(tile + 1)) tile++;
        return tile;
    }
}
