using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>A value for each tile of a grid; NaN for tiles that were not read. Memory is four bytes a tile.</summary>
sealed class HeatMap
{
    // Tiles that touch only at a corner are joined by a part of a tile of this size, unless the grid is so large that this would cost too much.
    const int Parts = 4;
    const long MostParts = 16L * 1024 * 1024;

    readonly ModelGrid grid;
    readonly float[] values;

    public HeatMap(ModelGrid grid)
    {
        this.grid = grid;
        values = new float[grid.Columns * grid.Rows];
        Array.Fill(values, float.NaN);
    }

    public float this[int column, int row]
    {
        get => values[row * grid.Columns + column];
        set => values[row * grid.Columns + column] = value;
    }

    /// <summary>The level-0 rectangle of the part that a tile owns.</summary>
    public (double Left, double Top, double Right, double Bottom) PlaceOf(int column, int row) => (X(grid.LeftOf(column)), Y(grid.TopOf(row)), X(grid.LeftOf(column + 1)), Y(grid.TopOf(row + 1)));

    /// <summary>Every tile with a value.</summary>
    public IEnumerable<(int Column, int Row, float Value)> Read()
    {
        for (var i = 0; i < values.Length; i++)
            if (!float.IsNaN(values[i])) yield return (i % grid.Columns, i / grid.Columns, values[i]);
    }

    /// <summary>The regions of tiles at or above each given value, in level-0 pixels; the regions of a higher value lie within those of a lower one.</summary>
    /// <param name="froms">The values, lowest first.</param>
    public IReadOnlyList<IReadOnlyList<MaskRegion>> Contours(IReadOnlyList<double> froms)
    {
        var parts = (long)values.Length * Parts * Parts <= MostParts ? Parts : 1;
        var width = grid.Columns * parts;
        var levels = new IReadOnlyList<MaskRegion>[froms.Count];
        var mask = new bool[width * grid.Rows * parts];
        // Highest first; each includes all of the one above: the parts that join corners are in both.
        for (var level = froms.Count - 1; level >= 0; level--)
        {
            for (var y = 0; y < grid.Rows * parts; y++)
                for (var x = 0; x < width; x++)
                    mask[y * width + x] |= values[y / parts * grid.Columns + x / parts] >= froms[level];
            levels[level] = [.. new RegionMask(mask, width, grid.Rows * parts).Trace().Select(region => region.Move(Place))];
        }
        return levels;

        SlidePoint Place(SlidePoint corner) => new(X(Between(corner.X, grid.LeftOf)), Y(Between(corner.Y, grid.TopOf)));

        double Between(double corner, Func<int, int> edge)
        {
            var (tile, rest) = ((int)corner / parts, (int)corner % parts);
            return rest == 0 ? edge(tile) : edge(tile) + (edge(tile + 1) - edge(tile)) * (double)rest / parts;
        }
    }

    double X(double pixels) => Math.Min(pixels * grid.Downsample, grid.SlideWidth);

    double Y(double pixels) => Math.Min(pixels * grid.Downsample, grid.SlideHeight);
}
