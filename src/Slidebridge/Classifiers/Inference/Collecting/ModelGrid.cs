using System.Collections;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>
/// The grid of a model's tiles on a slide, in the model's pixels, and which tile owns each pixel. Tiles overlap, but each pixel is taken from
/// one tile: the one whose centre is nearest or, if that tile is not read because it has no tissue, another that contains the pixel.
/// </summary>
sealed class ModelGrid
{
    // One number is kept for each tile and label.
    const long MostTiles = 16L * 1024 * 1024;

    readonly int overlap, near;
    readonly BitArray? read;

    /// <summary>A grid of tiles.</summary>
    /// <param name="columns">Tiles in a row.</param>
    /// <param name="rows">Rows of tiles.</param>
    /// <param name="input">The tiles' size and overlap.</param>
    /// <param name="width">Width of the part on the slide, in pixels of the model.</param>
    /// <param name="height">Height of the part on the slide, in pixels of the model.</param>
    /// <param name="isRead">By column and row, whether a tile is read; null: all are.</param>
    public ModelGrid(int columns, int rows, ModelInput input, int width, int height, Func<int, int, bool>? isRead = null)
    {
        (Columns, Rows, Tiles, Width, Height) = (columns, rows, (long)columns * rows, width, height);
        (TileWidth, TileHeight, overlap, near) = (input.Width, input.Height, input.Overlap, input.Overlap / 2);
        (SlideWidth, SlideHeight) = (width, height);
        if (isRead is null) return;
        read = new BitArray(columns * rows);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++) read[row * columns + column] = isRead(column, row);
    }

    /// <summary>The grid in which the tile reader reads a slide.</summary>
    /// <exception cref="ClassifierException">There are too many tiles.</exception>
    public static ModelGrid On(Slide slide, TileLayout layout, ModelInput input, TissueMask? mask)
    {
        var (columns, rows, size) = (layout.Columns, layout.Rows, layout.Downsample);
        if ((long)columns * rows > MostTiles) throw new ClassifierException($"The slide would be cut into {columns}×{rows} tiles; the maximum is {MostTiles}. Use larger tiles or a coarser resolution.");
        var (stepX, stepY) = ((input.Width - input.Overlap) * size, (input.Height - input.Overlap) * size);
        return new ModelGrid(columns, rows, input, Pixels(slide.Width), Pixels(slide.Height), mask is null ? null : HasTissue)
        {
            Tiles = layout.Count,
            Downsample = size,
            SlideWidth = slide.Width,
            SlideHeight = slide.Height,
            SquareMillimetres = slide.Mpp is { } mpp ? mpp.X * mpp.Y / 1e6 : null,
        };

        int Pixels(int slidePixels) => (int)Math.Ceiling(slidePixels / size - 1e-6);

        // Same rule as the tile reader; a sum of whole mask pixels may be slightly below 1.
        bool HasTissue(int column, int row) => mask.FractionOf(column * stepX, row * stepY, input.Width * size, input.Height * size) >= input.Tissue - 1e-9;
    }

    public int Columns { get; }

    public int Rows { get; }

    public int TileWidth { get; }

    public int TileHeight { get; }

    public int StepX => TileWidth - overlap;

    public int StepY => TileHeight - overlap;

    public int Overlap => overlap;

    /// <summary>Level-0 pixels per pixel of the model.</summary>
    public double Downsample { get; private init; } = 1;

    /// <summary>The slide's size in pixels of the model.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>Level-0 pixels.</summary>
    public int SlideWidth { get; private init; }

    /// <summary>Level-0 pixels.</summary>
    public int SlideHeight { get; private init; }

    /// <summary>The number of tiles that are read.</summary>
    public long Tiles { get; private init; }

    /// <summary>The area of a level-0 pixel; null if the slide does not say its resolution.</summary>
    public double? SquareMillimetres { get; private init; }

    /// <summary>Whether a tile is read.</summary>
    public bool IsRead(int column, int row) => column >= 0 && row >= 0 && column < Columns && row < Rows && (read is null || read[row * Columns + column]);

    /// <summary>The left edge, in pixels of the model, of the part that a column's tiles own; for the column after the last, the slide's right edge.</summary>
    public int LeftOf(int column) => column == 0 ? 0 : column >= Columns ? Width : Math.Min(Width, column * StepX + near);

    /// <summary>The top edge of the part that a row's tiles own.</summary>
    public int TopOf(int row) => row == 0 ? 0 : row >= Rows ? Height : Math.Min(Height, row * StepY + near);

    /// <summary>The parts of a tile that it owns and that lie on the slide, in the tile's pixels.</summary>
    public IReadOnlyList<TilePart> PartsOf(int column, int row)
    {
        var (right, bottom) = (Width - column * StepX, Height - row * StepY);
        var parts = new List<TilePart>();
        foreach (var down in Strips(StepY, TileHeight, row, Rows))
        {
            var before = parts.Count;
            foreach (var across in Strips(StepX, TileWidth, column, Columns))
            {
                var part = new TilePart(across.From, down.From, Math.Min(across.To, right), Math.Min(down.To, bottom));
                if (part.Right <= part.Left || part.Bottom <= part.Top || !SpeaksFor(column, row, across, down)) continue;
                if (parts.Count > before && parts[^1].Right == part.Left) parts[^1] = parts[^1] with { Right = part.Right };
                else parts.Add(part);
            }
            // A part that continues unchanged from the strip above is joined with it.
            if (before > 0 && parts.Count == before + 1 && parts[before - 1] is var above && parts[before] is var below && (above.Left, above.Right, above.Bottom) == (below.Left, below.Right, below.Top))
            {
                parts[before - 1] = above with { Bottom = below.Bottom };
                parts.RemoveAt(before);
            }
        }
        return parts;
    }

    // The five strips of a tile's width or height: which neighbour also has a pixel, and whose centre is nearest. At the border of the grid, that is always the tile itself.
    IEnumerable<Strip> Strips(int step, int size, int index, int count)
    {
        var (before, behind) = (index == 0 ? 0 : -1, index == count - 1 ? 0 : 1);
        return [new(0, near, before, before), new(near, overlap, 0, before), new(overlap, step, 0, 0), new(step, step + near, 0, behind), new(step + near, size, behind, behind)];
    }

    // The tile with the nearest centre owns the pixel, if it is read; else the first other tile that has the pixel and is read. All tiles compute the same owner.
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
    /// <param name="To">The pixel after the last.</param>
    /// <param name="Nearest">The tile with the nearest centre: −1 the previous one, 0 this one, 1 the next one.</param>
    /// <param name="Also">The neighbour that also has these pixels; 0 for none.</param>
    readonly record struct Strip(int From, int To, int Nearest, int Also);
}

/// <summary>A rectangle of a tile, in the tile's pixels, without the right and bottom edge.</summary>
readonly record struct TilePart(int Left, int Top, int Right, int Bottom)
{
    public long Area => (long)(Right - Left) * (Bottom - Top);

    public bool Contains(double x, double y) => x >= Left && x < Right && y >= Top && y < Bottom;
}
