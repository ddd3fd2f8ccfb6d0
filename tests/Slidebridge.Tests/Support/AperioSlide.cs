using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>A small slide laid out as Aperio's scanners do: level 0, the thumbnail in strips, level 1.</summary>
static class AperioSlide
{
    public const int Width = 300, Height = 250;

    public static readonly Region[] Regions = [new(0, 0, 0, Width, Height), new(1, 0, 0, 150, 125), new(0, 100, 90, 150, 120), new(1, -30, 100, 100, 100)];

    /// <param name="page">Describes one level's pixels.</param>
    public static byte[] Build(Func<TiffPicture, TiffBuilderPage> page)
    {
        const string Description = "Aperio Image Library v12.0.15 \r\n300x250 [0,0 300x250] (128x128) |AppMag = 20|MPP = 0.5000";
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(page(new TiffPicture(Width, Height, (128, 128))).SetText(270, Description));
        builder.Pages.Add(new TiffPicture(120, 100, null).Page(TiffPacking.Jpeg).SetText(270, "Aperio Image Library v12.0.15 \r\n300x250 -> 120x100 - |AppMag = 20|MPP = 0.5000"));
        builder.Pages.Add(page(new TiffPicture(150, 125, (128, 128))).SetText(270, Description));
        return builder.Build();
    }
}
