using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>A level on the grid of its stored tiles if OpenSlide reports the grid, otherwise on a grid that we choose.</summary>
sealed class OpenSlideTiles(OpenSlideFile file, Level level) : TileSource(level)
{
    // OpenSlide does not report missing tiles.
    public override ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken) => new(true);

    public override ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = checked(target.Width * target.Height);
        var pixels = ArrayPool<uint>.Shared.Rent(count);
        try
        {
            // OpenSlide uses level-0 pixels for the position and the level's own pixels for the size.
            long x = (long)Math.Round((double)tile.Column * Level.TileWidth * Level.Downsample), y = (long)Math.Round((double)tile.Row * Level.TileHeight * Level.Downsample);
            file.ReadRegion(pixels.AsMemory(0, count), x, y, Level.Index, target.Width, target.Height);
            for (var row = 0; row < target.Height; row++)
                PremultipliedPixels.Convert(pixels.AsSpan(row * target.Width, target.Width), target.Row(row), target.Format);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(pixels);
        }
        return default;
    }
}
