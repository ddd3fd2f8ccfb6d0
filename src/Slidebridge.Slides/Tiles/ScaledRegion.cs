using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>Scales a rectangle of a level, which need not begin or end at a whole pixel, into a target. The part outside the level is background.</summary>
/// <param name="level">The source pixels.</param>
/// <param name="fill">Writes a rectangle of the source pixels, starting at (x, y), into memory.</param>
sealed class ScaledRegion(LevelPixels level, Func<long, long, PixelTarget, CancellationToken, ValueTask> fill)
{
    // With more source pixels than this, the target is scaled in bands of rows.
    public const long MostPixels = 16L * 1024 * 1024;

    /// <param name="x">Left edge in the level's pixels.</param>
    /// <param name="y">Top edge in the level's pixels.</param>
    /// <param name="scaleX">The level's pixels per target pixel along a row.</param>
    /// <param name="scaleY">The level's pixels per target pixel down a column.</param>
    /// <param name="target">Receives the pixels.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public async ValueTask PaintAsync(double x, double y, double scaleX, double scaleY, PixelTarget target, CancellationToken cancellationToken)
    {
        using var across = new Taps(x, scaleX, target.Width, level.Width);
        var width = Math.Max(1, across.End - across.First);
        var rows = (int)Math.Clamp(MostPixels / width / (scaleY + 2), 1, target.Height);
        for (var row = 0; row < target.Height; row += rows)
        {
            var band = target.Cut(0, row, target.Width, Math.Min(rows, target.Height - row));
            using var down = new Taps(y + row * scaleY, scaleY, band.Height, level.Height);
            await PaintAsync(across, down, band, cancellationToken);
        }
    }

    async ValueTask PaintAsync(Taps across, Taps down, PixelTarget target, CancellationToken cancellationToken)
    {
        int width = across.End - across.First, height = down.End - down.First, stride = width * target.Format.BytesPerPixel();
        // No pixel lies on the level.
        if (width <= 0 || height <= 0)
        {
            target.FillBackground();
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(checked(stride * height));
        try
        {
            await fill(across.First, down.First, new PixelTarget(rented, stride, width, height, target.Format), cancellationToken);
            Resampler.Run(rented, stride, across, down, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
