using System.Buffers;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>Makes one tile of the grid from the stored tiles: put together, then scaled where the plan says so.</summary>
sealed class TilePainter(TilePlan plan, DecodedTiles? shared)
{
    // A tile made of more than this is scaled a band of rows after another, or averaged part by part; not put together first.
    const long MostPixels = 16L * 1024 * 1024;

    // From here on half a source pixel is no more than a sixteenth of a tile's.
    const double Coarse = 8;

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
        using var across = new Taps(x, plan.Scale, target.Width, plan.Pixels.Width);
        using var down = new Taps(y, plan.Scale, target.Height, plan.Pixels.Height);
        long width = across.End - across.First, height = down.End - down.First;
        if (width * height <= MostPixels) await ScaleAsync(across, down, target, cancellationToken);
        else if (plan.Scale >= Coarse) await AverageAsync((long)Math.Round(x), (long)Math.Round(y), across, down, target, cancellationToken);
        else await ScaleInBandsAsync(across, y, (int)Math.Max(1, MostPixels / width / (plan.Scale + 2)), target, cancellationToken);
    }

    async ValueTask ScaleInBandsAsync(Taps across, double y, int rows, PixelTarget target, CancellationToken cancellationToken)
    {
        for (var row = 0; row < target.Height; row += rows)
        {
            var band = target.Cut(0, row, target.Width, Math.Min(rows, target.Height - row));
            using var down = new Taps(y + row * plan.Scale, plan.Scale, band.Height, plan.Pixels.Height);
            await ScaleAsync(across, down, band, cancellationToken);
        }
    }

    async ValueTask ScaleAsync(Taps across, Taps down, PixelTarget target, CancellationToken cancellationToken)
    {
        int width = across.End - across.First, height = down.End - down.First, stride = width * target.Format.BytesPerPixel();
        // None at all lies on the level.
        if (width <= 0 || height <= 0)
        {
            target.FillBackground();
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(checked(stride * height));
        try
        {
            await FillAsync(across.First, down.First, new PixelTarget(rented, stride, width, height, target.Format), cancellationToken);
            Resampler.Run(rented, stride, across, down, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>At such a scale the fraction of a source pixel by which the tile's corner is off does not show.</summary>
    async ValueTask AverageAsync(long x, long y, Taps across, Taps down, PixelTarget target, CancellationToken cancellationToken)
    {
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
