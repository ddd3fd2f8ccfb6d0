namespace Slidebridge.Tests.Support;

/// <summary>A small slide with the marks of Trestle's MedScan: the simplest of the kinds that only OpenSlide reads.</summary>
static class TrestleSlide
{
    public const int Width = 300, Height = 250;

    public static byte[] Build(out TiffPicture full)
    {
        full = new TiffPicture(Width, Height, (64, 64));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(Mark(full.Page(TiffPacking.Deflate)));
        builder.Pages.Add(Mark(new TiffPicture(150, 125, (64, 64)).Page(TiffPacking.Deflate)));
        return builder.Build();
    }

    static TiffBuilderPage Mark(TiffBuilderPage page) => page
        .SetText(305, "MedScan 1.0").SetText(270, "Background Color=FFFFFF;White Balance=0;Objective Power=20;Jpeg Quality=100;OverlapsXY= 0 0 0 0")
        .Set(282, 5, 20000, 1).Set(283, 5, 20000, 1).Set(296, 3, 3);
}
