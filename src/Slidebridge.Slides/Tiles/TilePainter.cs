using System.Buffers;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>Makes one tile of the grid from the stored tiles: assembled, then scaled if the plan requires it.</summary>
sealed class TilePainter
{
    // From this scale on, half a source pixel is at most a sixteenth of a tile's pixel.
    const double Coarse = 8;

    readonly TilePlan plan;
    readonly DecodedTiles? shared;
    readonly ScaledRegion scaled;

    /// <param name="plan">The grid.</param>
    /// <param name="shared">Stored tiles that several tiles of the grid need; null if there are none.</param>
    public TilePainter(TilePlan plan, DecodedTiles? shared)
    {
        (this.plan, this.shared) = (plan, shared);
        scaled = new ScaledRegion(plan.Pixels, FillAsync);
    }

    /// <summary>Paints a tile into its memory, which the tile then owns.</summary>
    public async ValueTask<SlideTile> PaintAsync(TilePosition tile, IMemoryOwner<byte> memory, CancellationToken cancellationToken)
    {
        var (width, height) = plan.SizeOf(tile);
        var (x, y) = plan.SlidePlaceOf(tile);
        var bytes = plan.Format.BytesPerPixel();
        try
        {
            var target = new PixelTarget(memory.Memory[..(width * height * bytes)], width * bytes, width, height, plan.Format);
            var place = plan.PlaceOf(tile);
            if (plan.IsScaled) await ScaleAsync(tile, target, cancellationToken);
            else await FillAsync((long)place.X, (long)place.Y, target, cancellationToken);
            return new SlideTile(tile.Column, tile.Row, x, y, width, height, plan.Format, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    async ValueTask ScaleAsync(TilePosition tile, PixelTarget target, CancellationToken cancellationToken)
    {
        var (x, y) = plan.PlaceOf(tile);
        if (plan.Scale >= Coarse && Math.Min(target.Width * plan.Scale, plan.Pixels.Width) * Math.Min(target.Height * plan.Scale, plan.Pixels.Height) > ScaledRegion.MostPixels) await AverageAsync(x, y, target, cancellationToken);
        else await scaled.PaintAsync(x, y, plan.Scale, plan.Scale, target, cancellationToken);
    }

    /// <summary>For coarse scales: ignoring the fraction of a source pixel at the tile's corner is not visible.</summary>
    async ValueTask AverageAsync(double left, double top, PixelTarget target, CancellationToken cancellationToken)
    {
        using var across = new Taps(left, plan.Scale, target.Width, plan.Pixels.Width);
        using var down = new Taps(top, plan.Scale, target.Height, plan.Pixels.Height);
        long x = (long)Math.Round(left), y = (long)Math.Round(top);
        int width = (int)Math.Ceiling(target.Width * plan.Scale), height = (int)Math.Ceiling(target.Height * plan.Scale);
        using var average = new AreaAverage(target.Width * plan.Scale, target.Height * plan.Scale, target.Width, target.Height);
        foreach (var part in plan.Pixels.PartsOf(x, y, width, height))
        {
            if (!await plan.Pixels.Tiles.IsStoredAsync(part.Tile, cancellationToken)) continue;
            var rented = ArrayPool<byte>.Shared.Rent(part.Width * part.Height * 3);
            try
            {
                var whole = new PixelTarget(rented, part.Width * 3, part.Width, part.Height, PixelFormat.Rgb24);
                await plan.Pixels.DecodeAsync(part with { X = 0, Y = 0 }, whole, cancellationToken);
                average.Add(rented, part.Width * 3, part.X, part.Y, part.Width, part.Height);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
        var pixels = ArrayPool<byte>.Shared.Rent(target.Width * target.Height * 3);
        average.Finish(pixels);
        for (var row = 0; row < target.Height; row++)
            for (var column = 0; column < target.Width; column++)
            {
                var to = target.Cut(column, row, 1, 1).Row(0);
                var from = pixels.AsSpan((row * target.Width + column) * 3, 3);
                if (across.WeightsOf(column).IsEmpty || down.WeightsOf(row).IsEmpty) to.Fill(target.Format.Background());
                else if (target.Format == PixelFormat.Rgb24) from.CopyTo(to);
                else Channels.RgbToBgra(from, to);
            }
        ArrayPool<byte>.Shared.Return(pixels);
    }

    async ValueTask FillAsync(long x, long y, PixelTarget target, CancellationToken cancellationToken)
    {
        plan.Pixels.FillOutside(x, y, target);
        foreach (var part in plan.Pixels.PartsOf(x, y, target.Width, target.Height))
        {
            if (shared is null)
            {
                await plan.Pixels.DecodeAsync(part, target, cancellationToken);
                continue;
            }
            var entry = await shared.GetAsync(part.Tile, cancellationToken);
            try
            {
                target.Cut(part.X, part.Y, part.Width, part.Height).CopyFrom(entry.Pixels, entry.Width * target.Format.BytesPerPixel(), part.Left, part.Top);
            }
            finally
            {
                shared.Release(entry);
            }
        }
    }
}
