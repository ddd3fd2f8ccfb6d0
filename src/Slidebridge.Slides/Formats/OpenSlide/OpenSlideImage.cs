using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>An associated image. OpenSlide returns it as a whole, so it is one tile.</summary>
sealed class OpenSlideImage(OpenSlideFile file, string name, int width, int height) : TileSource(new Level(-1, width, height, 1, width, height, "openslide"))
{
    public override void CheckDecodable()
    {
        const long MostPixels = 64L * 1024 * 1024;
        if ((long)Level.Width * Level.Height > MostPixels) throw new SlideFormatException($"The associated image has a stated size of {Level.Width}×{Level.Height}; at most {MostPixels} pixels are decoded.");
    }

    public override ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken) => new(true);

    public override ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pixels = new uint[Level.Width * Level.Height];
        file.ReadImage(name, pixels);
        for (var row = 0; row < target.Height; row++)
            PremultipliedPixels.Convert(pixels.AsSpan(row * Level.Width, target.Width), target.Row(row), target.Format);
        return default;
    }
}
