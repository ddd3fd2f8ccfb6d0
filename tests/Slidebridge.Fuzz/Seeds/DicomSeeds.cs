using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>DICOM objects of every transfer syntax, offset table and kind of tiles, some kilobytes each.</summary>
static class DicomSeeds
{
    const int Tile = 16;

    static readonly DicomPicture Picture = new(70, 50, Tile), Half = new(35, 25, Tile);

    public static void AddTo(SeedCollection seeds)
    {
        seeds.Add("dicom-explicit", Build(new DicomLayout(), Picture.Dataset(), Picture.Frames()));
        seeds.Add("dicom-implicit", Build(new DicomLayout(DicomSyntax.Implicit), Picture.Dataset(), Picture.Frames()));
        seeds.Add("dicom-undefined", Build(new DicomLayout(DicomSyntax.Implicit, Undefined: true), Picture.Dataset(), Picture.Frames()));
        seeds.Add("dicom-planes", Build(new DicomLayout(), Picture.Dataset().Short(0x00280006, 1), Picture.Frames(Picture.Planes)));
        seeds.Add("dicom-ybr", Build(new DicomLayout(), Picture.Dataset().Text(0x00280004, "CS", "YBR_FULL"), Picture.Frames()));
        var gray = new DicomPicture(70, 50, Tile, gray: true);
        seeds.Add("dicom-gray", Build(new DicomLayout(), gray.Dataset(), gray.Frames()));
        foreach (var offsets in Enum.GetValues<DicomOffsets>())
        {
            var name = offsets.ToString().ToLowerInvariant();
            seeds.Add($"dicom-jpeg-{name}", Jpeg(new DicomLayout(DicomSyntax.Jpeg, Offsets: offsets)));
            seeds.Add($"dicom-rle-{name}", Build(new DicomLayout(DicomSyntax.Rle, Offsets: offsets), Picture.Dataset(), Picture.Frames(Picture.Rle)));
        }
        seeds.Add("dicom-jpeg-fragments", Jpeg(new DicomLayout(DicomSyntax.Jpeg, Undefined: true, DicomOffsets.Basic, 3)));
        seeds.Add("dicom-jpeg-walked-fragments", Jpeg(new DicomLayout(DicomSyntax.Jpeg, Undefined: true, DicomOffsets.None, 2)));
        AddPacked(seeds, "dicom-jpeg-ls", DicomSyntax.JpegLs, "RGB", samples => CharLsEncoder.Encode(samples.Rgb, 2 * Tile, 2 * Tile, 3, 2));
        AddPacked(seeds, "dicom-jpeg-ls-line", DicomSyntax.JpegLs, "RGB", samples => CharLsEncoder.Encode(samples.Rgb, 2 * Tile, 2 * Tile, 3, 1, near: 2));
        AddPacked(seeds, "dicom-jpeg2000", DicomSyntax.Jpeg2000, "YBR_RCT", samples => samples.OpenJpeg("j2k"));
        AddPacked(seeds, "dicom-htj2k", DicomSyntax.HtJpeg2000, "YBR_RCT", samples => samples.OpenJph("-reversible", "true"));
        seeds.Add("dicom-sparse", Build(new DicomLayout(), Sparse(Picture.Dataset(), Picture, "1", 0), Picture.Frames()));
        seeds.Add("dicom-sparse-undefined", Build(new DicomLayout(DicomSyntax.Implicit, Undefined: true), Sparse(Picture.Dataset(), Picture, null, null), Picture.Frames()));
        seeds.Add("dicom-layers", Layers());
        seeds.Add("dicom-concatenation", Concatenation(DicomSyntax.Explicit));
        seeds.Add("dicom-concatenation-rle", Concatenation(DicomSyntax.Rle));
        seeds.Add("dicom-pyramid", Build(new DicomLayout(), Picture.Dataset(), Picture.Frames()), Build(new DicomLayout(DicomSyntax.Rle), Half.Dataset(), Half.Frames(Half.Rle)),
            Build(new DicomLayout(), new DicomPicture(20, 30, 30).Dataset("LABEL"), new DicomPicture(20, 30, 30).Frames()));
    }

    static byte[] Build(DicomLayout layout, DicomItem dataset, List<byte[]> frames) => new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build();

    static byte[] Jpeg(DicomLayout layout)
    {
        var picture = new DicomPicture(70, 50, 32);
        return Build(layout, picture.Dataset().Text(0x00280004, "CS", "YBR_FULL_422"), picture.Frames(picture.Jpeg));
    }

    static void AddPacked(SeedCollection seeds, string name, string syntax, string photometric, Func<CodecSamples, byte[]> encode) => seeds.TryAdd(name, () =>
    {
        using var folder = new TemporaryFolder();
        var frame = encode(new CodecSamples(folder, 2 * Tile, 2 * Tile));
        return Build(new DicomLayout(syntax), new DicomPicture(4 * Tile, 2 * Tile, 2 * Tile).Dataset().Text(0x00280004, "CS", photometric), [frame, frame]);
    });

    static DicomItem Sparse(DicomItem dataset, DicomPicture picture, string? path, double? depth) => DicomPicture.AddPositions(dataset,
        [.. from row in Enumerable.Range(0, picture.Rows) from column in Enumerable.Range(0, picture.Columns) select DicomPicture.Position(column * picture.Tile + 1, row * picture.Tile + 1, path, depth)]);

    static byte[] Layers()
    {
        var dataset = Half.Dataset().Long(0x00480302, 2).Long(0x00480303, 3).Text(0x00280008, "IS", $"{Half.Frames().Count * 6}")
            .Sequence(0x00480105, DicomPicture.Path("DAPI", "blue"), DicomPicture.Path("FITC", "green"));
        dataset.Elements[0x52009229].Items![0].Elements[0x00289110].Items![0].Number(0x00180088, 0.0015);
        return Build(new DicomLayout(), dataset, [.. Enumerable.Range(0, 6).SelectMany(_ => Half.Frames())]);
    }

    static byte[][] Concatenation(string syntax)
    {
        int[] lengths = [8, 7, 5];
        var frames = Picture.Frames(syntax == DicomSyntax.Rle ? Picture.Rle : null);
        var (parts, first) = (new List<byte[]>(), 0);
        for (var i = 0; i < lengths.Length; first += lengths[i++])
        {
            var dataset = Picture.Dataset().Text(0x00209161, "UI", "2.25.33").Short(0x00209162, i + 1).Short(0x00209163, lengths.Length).Long(0x00209228, first).Text(0x00280008, "IS", $"{lengths[i]}");
            parts.Add(Build(new DicomLayout(syntax), dataset, frames.GetRange(first, lengths[i])));
        }
        return [.. parts];
    }
}
