using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>Slides with the troubles of the wild (docs/formats.md): each opens, most with a warning.</summary>
static class WildSeeds
{
    const string Aperio = "Aperio Image Library v12\r\n96x64 [0,0 96x64] (32x32) |AppMag = 20|MPP = 0.5";

    static readonly (int, int) Tile = (32, 32);

    public static void AddTo(SeedCollection seeds)
    {
        // Tiles without bytes, and lengths that are not given.
        seeds.Add("tiff-empty-tiles", Tiff(Levels(page => page.Set(325, 4, new long[page.Chunks.Count]), Aperio)));
        seeds.Add("tiff-no-lengths", Tiff(Levels(page => page.Set(325, 4), null)));
        seeds.Add("tiff-strips-no-lengths", Tiff(new TiffPicture(96, 64, null).Page(TiffPacking.Jpeg).Set(279, 4)));
        seeds.Add("tiff-old-lzw", Tiff(new TiffPicture(96, 64, Tile).Page(5, 2, (rgb, _, _) => LzwEncoder.EncodeOld(rgb))));

        // Several pictures: focal planes, pages of one size.
        seeds.Add("tiff-zstack", Tiff([.. Levels(_ => { }, Aperio + "|OffsetZ = 0"), .. Levels(_ => { }, Aperio + "|OffsetZ = 1.5")]));
        seeds.Add("tiff-scenes", Tiff([.. Levels(_ => { }, null), .. Levels(_ => { }, null)]));

        // Colours that contradict each other.
        var rgb = new TiffPicture(32, 32, null).Pixels;
        foreach (var (name, jpeg) in new[] { ("jfif", PlainJpeg.WithJfif(PlainJpeg.Encode(rgb, 32, 32, subsampled: false))), ("subsampled", PlainJpeg.Encode(rgb, 32, 32, subsampled: true)), ("samples", PlainJpeg.EncodeSamples(rgb, 32, 32)) })
        {
            var page = new TiffBuilderPage { Chunks = [jpeg, jpeg] };
            page.Set(256, 4, 64).Set(257, 4, 32).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 2).Set(277, 3, 3).Set(322, 4, 32).Set(323, 4, 32);
            seeds.Add($"tiff-color-{name}", Tiff(page));
            seeds.Add($"dicom-color-{name}", Dicom(new DicomLayout(DicomSyntax.Jpeg), new DicomPicture(64, 32, 32).Dataset(), [jpeg, jpeg]));
        }
        seeds.TryAdd("dicom-color-jpeg2000", () =>
        {
            using var folder = new TemporaryFolder();
            var frame = new CodecSamples(folder, 32, 32).OpenJpeg("j2k", "-mct", "0");
            return Dicom(new DicomLayout(DicomSyntax.Jpeg2000), new DicomPicture(64, 32, 32).Dataset().Text(0x00280004, "CS", "YBR_FULL_422"), [frame, frame]);
        });

        // A structure that is damaged behind its first picture; a label and a macro in tiles.
        var lost = new TiffPicture(96, 64, Tile).Page(TiffPacking.Lzw);
        lost.Fields.Remove(256);
        seeds.Add("tiff-lost-page", Tiff(new TiffPicture(96, 64, Tile).Page(TiffPacking.Lzw).Set(330, 4, 0, 9), lost, new TiffPicture(48, 32, Tile).Page(TiffPacking.Lzw)));
        seeds.Add("tiff-tiled-label", Tiff(
            new TiffPicture(96, 64, Tile).Page(TiffPacking.Jpeg).SetText(270, Aperio),
            new TiffPicture(40, 40, Tile).Page(TiffPacking.Jpeg).Set(254, 4, 1).SetText(270, "Aperio\r\nlabel 40x40"),
            new TiffPicture(60, 20, Tile).Page(TiffPacking.Lzw).Set(254, 4, 9).SetText(270, "Aperio\r\nmacro 60x20")));

        // An object for each plane, a copy, and what is no slide beside it.
        var planes = Enumerable.Range(0, 3).Select(i => Dicom(new DicomLayout(), new DicomPicture(48, 32, 16, seed: i).Dataset().Text(0x00080018, "UI", $"2.25.{i}").Long(0x00480303, 3).Sequence(0x00480008, new DicomItem().Number(0x0040074A, i)), new DicomPicture(48, 32, 16, seed: i).Frames())).ToList();
        seeds.Add("dicom-plane-objects", [.. planes, planes[0], Dicom(new DicomLayout(), new DicomItem().Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.91.1").Text(0x00080060, "CS", "ANN"), [])]);
    }

    static TiffBuilderPage[] Levels(Action<TiffBuilderPage> change, string? description)
    {
        var full = new TiffPicture(96, 64, Tile);
        TiffBuilderPage[] pages = [full.Page(TiffPacking.Jpeg), full.Half().Page(TiffPacking.Jpeg)];
        change(pages[1]);
        foreach (var page in pages)
            if (description is not null) page.SetText(270, description);
        return pages;
    }

    static byte[] Tiff(params TiffBuilderPage[] pages)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange(pages);
        return builder.Build();
    }

    static byte[] Dicom(DicomLayout layout, DicomItem dataset, List<byte[]> frames) => new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build();
}
