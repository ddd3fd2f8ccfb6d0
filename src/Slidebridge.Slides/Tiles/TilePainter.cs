using System.Buffers;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>Makes one tile of the grid from the stored tiles: put together, then scaled where the plan says so.</summary>
sealed class TilePainter(TilePlan plan, DecodedTiles? shared)
{
    public async ValueTask<SlideTile> PaintAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        var (width, height) = plan.SizeOf(tile);
        var (x, y) = plan.SlidePlaceOf(tile);
        var bytes = plan.Format.BytesPerPixel();
        var rented = ArrayPool<byte>.Shared.Rent(width * height * bytes);
        try
        {
            var target = new PixelTarget(rented, width * bytes, width, height, plan.Format);
            var place = plan.PlaceOf(tile);
            if (plan.IsScaled) await ScaleAsync(tile, target, cancellationToken);
            else await FillAsync((long)place.X, (long)place.Y, target, cancellationToken);
            return new SlideTile(tile.Column, tile.Row, x, y, width, height, plan.Format, rented);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    async ValueTask ScaleAsync(TilePosition tile, PixelTarget target, CancellationToken cancellationToken)
    {
        var (x, y) = plan.PlaceOf(tile);
        using var across = new Taps(x, plan.Scale, target.Width, plan.Pixels.Width);
        using var down = new Taps(y, plan.Scale, target.Height, plan.Pixels.Height);
        int width = across.End - across.First, height = down.End - down.First, stride = width * target.Format.BytesPerPixel();
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
