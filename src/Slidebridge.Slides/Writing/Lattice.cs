namespace Slidebridge.Slides.Writing;

/// <summary>A slowly changing field, sampled at multiples of a step over a block and interpolated linearly: every block gets the same value at the same position.</summary>
readonly struct Lattice
{
    readonly float[] values;
    readonly int columns, offsetX, offsetY, step;

    public Lattice(int x, int y, int width, int height, int step, Func<float, float, float> field)
    {
        this.step = step;
        int firstX = FloorTo(x, step), firstY = FloorTo(y, step);
        (offsetX, offsetY) = (x - firstX, y - firstY);
        columns = (offsetX + width - 1) / step + 2;
        var rows = (offsetY + height - 1) / step + 2;
        values = new float[columns * rows];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                values[row * columns + column] = field(firstX + column * step, firstY + row * step);
        Largest = values.Max();
    }

    /// <summary>The largest sample: no value between samples is larger.</summary>
    public float Largest { get; }

    /// <summary>The field at a pixel of the block.</summary>
    public float this[int column, int row]
    {
        get
        {
            int x = column + offsetX, y = row + offsetY;
            int cx = x / step, cy = y / step;
            float tx = (x - cx * step) / (float)step, ty = (y - cy * step) / (float)step;
            var at = cy * columns + cx;
            var upper = values[at] + (values[at + 1] - values[at]) * tx;
            var lower = values[at + columns] + (values[at + columns + 1] - values[at + columns]) * tx;
            return upper + (lower - upper) * ty;
        }
    }

    static int FloorTo(int value, int step) => (int)Math.Floor(value / (double)step) * step;
}
