namespace Slidebridge.Tests.Support;

/// <summary>A TIFF of one level, 128×64, in which a pixel's value is its column, and which does not say its resolution.</summary>
static class RampSlide
{
    public static byte[] Build()
    {
        var page = new TiffBuilderPage();
        page.Set(256, 4, 128).Set(257, 4, 64).Set(258, 3, 8, 8, 8).Set(259, 3, 1).Set(262, 3, 2).Set(277, 3, 3).Set(322, 4, 128).Set(323, 4, 64);
        page.Chunks.Add(PaintedSlide.Pixels(128, 64, (x, _) => ((byte)x, (byte)x, (byte)x)));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(page);
        return builder.Build();
    }
}
