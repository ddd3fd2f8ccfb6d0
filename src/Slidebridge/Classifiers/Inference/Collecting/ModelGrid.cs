using System.Collections;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>
/// How a model's tiles lie on a slide, in the model's pixels, and which tile speaks for which of them. Tiles overlap; each pixel is spoken for by
/// one: the tile whose middle part it is in, or, where that tile is not read for want of tissue, one of the others that have it.
/// </summary>
sealed class ModelGrid
{
    // A number a tile and label is kept.
    const long MostTiles = 16L * 1024 * 1024;

    readonly int overlap, near;
    readonly BitArray? read;

    public ModelGrid(Slide slide, TileLayout layout, ModelInput input, TissueMask? mask)
    {
        (Columns, Rows, Downsample, Tiles) = (layout.Columns, layout.Rows, layout.Downsample, layout.Count);
        if ((long)Columns * Rows > MostTiles) throw new ClassifierException($"The slide would be cut into {Columns}×{Rows} tiles; at most {MostTiles} are run. Take larger tiles or a coarser resolution.");
        (TileWidth, TileHeight, overlap, near) = (input.Width, input.Height, input.Overlap, input.Overlap / 2);
        (SlideWidth, SlideHeight) = (slide.Width, slide.Height);
        SquareMillimetres = slide.Mpp is { } mpp ? mpp.X * mpp.Y / 1e6 : null;
        // As many as the grid covers: the level's own where it is not scaled.
        (Width, Height) = ((int)Math.Ceiling(slide.Width / Downsample - 1e-6), (int)Math.Ceiling(slide.Height / Downsample - 1e-6));
        if (mask is null) return;
        read = new BitArray(Columns * Rows);
        for (var row = 0; row < Rows; row++)
            for (var column = 0; column < Columns; column++)
                read[row * Columns + column] = mask.FractionOf(column * StepX * Downsample, row * StepY * Downsample, TileWidth * Downsample, TileHeight * Downsample) >= input.Tissue - 1e-9; // As the reader counts.
    }

    ModelGrid(int columns, ModelInput input)
    {
        (Columns, Rows, Downsample, Tiles) = (columns, 1, 1, columns);
        (TileWidth, TileHeight, overlap, near) = (input.Width, input.Height, input.Overlap, input.Overlap / 2);
        (Width, Height) = (SlideWidth, SlideHeight) = (columns * StepX + overlap, TileHeight);
    }

    /// <summary>A row of tiles of no slide.</summary>
    public static ModelGrid OfBlank(int columns, ModelInput input) => new(columns, input);

    public int Columns { get; }

    public int Rows { get; }

    public int TileWidth { get; }

    public int TileHeight { get; }

    public int StepX => TileWidth - overlap;

    public int StepY => TileHeight - overlap;

    public int Overlap => overlap;

    /// <summary>Level-0 pixels per pixel of the model.</summary>
    public double Downsample { get; }

    /// <summary>The slide in pixels of the model.</summary>
    public int Width { get; }

    public int Height { get; }

    public int SlideWidth { get; }

    public int SlideHeight { get; }

    /// <summary>Tiles that are read.</summary>
    public long Tiles { get; }

    /// <summary>Of a level-0 pixel; null where the slide does not say.</summary>
    public double? SquareMillimetres { get; }

    /// <summary>True where a tile is read.</summary>
    public bool IsRead(int column, int row) => column >= 0 && row >= 0 && column < Columns && row < Rows && (read is null || read[row * Columns + column]);

    /// <summary>The left edge, in pixels of the model, of what a column's tiles speak for; that of the column behind the last is the slide's right edge.</summary>
    public int LeftOf(int column) => column == 0 ? 0 : column >= Columns ? Width : Math.Min(Width, column * StepX + near);

    /// <summary>The top edge of what a row's tiles speak for.</summary>
    public int TopOf(int row) => row == 0 ? 0 : row >= Rows ? Height : Math.Min(Height, row * StepY + near);

    /// <summary>The parts of a tile, in its own pixels, that it speaks for and that lie on the slide.</summary>
    public IReadOnlyList<TilePart> PartsOf(int column, int row)
    {
        var (right, bottom) = (Width - column * StepX, Height - row * StepY);
        var parts = new List<TilePart>();
        foreach (var down in Strips(StepY, TileHeight))
        {
            var before = parts.Count;
            foreach (var across in Strips(StepX, TileWidth))
            {
                var part = new TilePart(across.From, down.From, Math.Min(across.To, right), Math.Min(down.To, bottom));
                if (part.Right <= part.Left || part.Bottom <= part.Top || !SpeaksFor(column, row, across, down)) continue;
                if (parts.Count > before && parts[^1].Right == part.Left) parts[^1] = parts[^1] with { Right = part.Right };
                else parts.Add(part);
            }
            // What goes on as it was in the strip above is one part with it.
            if (before > 0 && parts.Count == before + 1 && parts[before - 1] is var above && parts[before] is var below && (above.Left, above.Right, above.Bottom) == (below.Left, below.Right, below.Top))
            {
                parts[before - 1] = above with { Bottom = below.Bottom };
                parts.RemoveAt(before);
            }
        }
        return parts;
    }

    // The five strips of a tile's width or height: which of the neighbours also has a pixel, and to which tile's middle it belongs.
    IEnumerable<Strip> Strips(int step, int size) =>
        [new(0, near, -1, -1), new(near, overlap, 0, -1), new(overlap, step, 0, 0), new(step, step + near, 0, 1), new(step + near, size, 1, 1)];

    // The tile of the nearest middle speaks, if it is read; else the first of the others that have the pixel and are read. All of them come to the same.
    bool SpeaksFor(int column, int row, Strip across, Strip down)
    {
        if (across.Nearest == 0 && down.Nearest == 0) return true;
        if (IsRead(column + across.Nearest, row + down.Nearest)) return false;
        for (var y = row + Math.Min(0, down.Also); y <= row + Math.Max(0, down.Also); y++)
            for (var x = column + Math.Min(0, across.Also); x <= column + Math.Max(0, across.Also); x++)
                if ((x, y) == (column, row)) return true;
                else if (IsRead(x, y)) return false;
        return true;
    }

    /// <param name="From">The first pixel.</param>
    /// <param name="To">The one behind the last.</param>
    /// <param name="Nearest">The tile in whose middle it is: −1 the one before, 0 this, 1 the one behind.</param>
    /// <param name="Also">The neighbour that has these pixels, too; 0 for none.</param>
    readonly record struct Strip(int From, int To, int Nearest, int Also);
}

/// <summary>A rectangle of a tile, in its own pixels, the right and bottom edge excluded.</summary>
readonly record struct TilePart(int Left, int Top, int Right, int Bottom)
{
    public long Area => (long)(Right - Left) * (Bottom - Top);

    public bool Contains(double x, double y) => x >= Left && x < Right && y >= Top && y < Bottom;
}
