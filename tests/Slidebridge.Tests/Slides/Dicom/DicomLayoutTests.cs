using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>However an object is laid out, it shows the pixels that went in.</summary>
public sealed class DicomLayoutTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Native => new() { { DicomSyntax.Explicit, false }, { DicomSyntax.Explicit, true }, { DicomSyntax.Implicit, false }, { DicomSyntax.Implicit, true } };

    public static TheoryData<DicomOffsets, int, bool> Encapsulated => new()
    {
        { DicomOffsets.None, 1, false }, { DicomOffsets.None, 3, true }, { DicomOffsets.Basic, 1, true }, { DicomOffsets.Basic, 3, false },
        { DicomOffsets.Extended, 1, false }, { DicomOffsets.Extended, 1, true },
    };

    [Theory]
    [MemberData(nameof(Native))]
    public async Task Native_frames_in_either_encoding(string syntax, bool undefined)
    {
        var picture = new DicomPicture(100, 77, 31);
        var bytes = new DicomBuilder(new DicomLayout(syntax, undefined)) { Dataset = picture.Dataset(), Frames = picture.Frames() }.Build();
        await DicomObjects.AssertShowsAsync(picture.Pixels, bytes);
    }

    [Theory]
    [MemberData(nameof(Encapsulated))]
    public async Task Encapsulated_frames_with_every_table_and_in_fragments(DicomOffsets offsets, int fragments, bool undefined)
    {
        var picture = new DicomPicture(100, 77, 32);
        var dataset = picture.Dataset().Text(0x00280004, "CS", "YBR_FULL_422");
        var bytes = new DicomBuilder(new DicomLayout(DicomSyntax.Jpeg, undefined, offsets, fragments)) { Dataset = dataset, Frames = picture.Frames(picture.Jpeg) }.Build();
        await DicomObjects.AssertShowsAsync(picture.AfterJpeg(), bytes);
    }

    [Theory]
    [InlineData(DicomOffsets.None)]
    [InlineData(DicomOffsets.Basic)]
    [InlineData(DicomOffsets.Extended)]
    public async Task Run_lengths_in_colour_and_grey(DicomOffsets offsets)
    {
        foreach (var gray in new[] { false, true })
        {
            var picture = new DicomPicture(100, 77, 33, gray: gray);
            var bytes = new DicomBuilder(new DicomLayout(DicomSyntax.Rle, Offsets: offsets)) { Dataset = picture.Dataset(), Frames = picture.Frames(picture.Rle) }.Build();
            await DicomObjects.AssertShowsAsync(picture.Pixels, bytes);
        }
    }

    [Fact]
    public async Task Planes_of_one_colour_each()
    {
        var picture = new DicomPicture(61, 50, 21);
        var bytes = new DicomBuilder(new DicomLayout()) { Dataset = picture.Dataset().Short(0x00280006, 1), Frames = picture.Frames(picture.Planes) }.Build();
        await DicomObjects.AssertShowsAsync(picture.Pixels, bytes);
    }

    [Theory]
    [InlineData("MONOCHROME2", false)]
    [InlineData("MONOCHROME1", true)]
    public async Task Grey_that_is_bright_or_dark_where_it_is_zero(string photometric, bool inverted)
    {
        var picture = new DicomPicture(61, 50, 21, gray: true);
        var bytes = new DicomBuilder(new DicomLayout()) { Dataset = picture.Dataset().Text(0x00280004, "CS", photometric), Frames = picture.Frames() }.Build();
        await DicomObjects.AssertShowsAsync(inverted ? [.. picture.Pixels.Select(value => (byte)(255 - value))] : picture.Pixels, bytes);
    }

    [Theory]
    [InlineData("YBR_FULL", 0)]
    [InlineData("YBR_FULL", 1)]
    [InlineData("YBR_FULL_422", 0)]
    public async Task Uncompressed_luma_and_chroma_become_colours(string photometric, int planar)
    {
        var picture = new DicomPicture(64, 32, 32);
        byte[] Store(byte[] tile)
        {
            if (planar == 1) return picture.Planes(tile);
            if (photometric == "YBR_FULL") return tile;
            // The second pixel of a pair takes the first one's colour.
            return [.. Enumerable.Range(0, tile.Length / 6).SelectMany(pair => new[] { tile[pair * 6], tile[pair * 6 + 3], tile[pair * 6 + 1], tile[pair * 6 + 2] })];
        }
        var dataset = picture.Dataset().Text(0x00280004, "CS", photometric).Short(0x00280006, planar);
        var bytes = new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames(Store) }.Build();
        await using var slide = await DicomObjects.OpenAsync(bytes);
        var found = await slide.ReadRegionAsync(new Region(0, 0, 0, 64, 32), cancellationToken: Token);
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            var colour = photometric == "YBR_FULL_422" ? i - i % 6 : i;
            double y = picture.Pixels[i], cb = picture.Pixels[colour + 1] - 128, cr = picture.Pixels[colour + 2] - 128;
            double[] expected = [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb];
            for (var c = 0; c < 3; c++) Assert.InRange(found.Pixels[i + c] - Math.Clamp(expected[c], 0, 255), -0.6, 0.6);
        }
    }

    [Fact]
    public async Task Sparse_frames_lie_where_they_say_and_the_rest_is_background()
    {
        var picture = new DicomPicture(100, 77, 25);
        // In reverse, without two of them.
        var stored = new List<(int Column, int Row)>();
        for (var row = picture.Rows - 1; row >= 0; row--)
            for (var column = picture.Columns - 1; column >= 0; column--)
                if ((column, row) is not ((1, 1) or (3, 3))) stored.Add((column, row));
        var dataset = DicomPicture.AddPositions(picture.Dataset(), [.. stored.Select(tile => DicomPicture.Position(tile.Column * 25 + 1, tile.Row * 25 + 1))]);
        var expected = picture.Pixels.ToArray();
        for (var y = 0; y < 77; y++)
            for (var x = 0; x < 100; x++)
                if ((x / 25, y / 25) is (1, 1) or (3, 3)) expected.AsSpan((y * 100 + x) * 3, 3).Fill(255);
        foreach (var (syntax, undefined) in new[] { (DicomSyntax.Explicit, false), (DicomSyntax.Implicit, true) })
        {
            var bytes = new DicomBuilder(new DicomLayout(syntax, undefined)) { Dataset = dataset, Frames = [.. stored.Select(tile => picture.TileAt(tile.Column, tile.Row))] }.Build();
            await using var slide = await DicomObjects.OpenAsync(bytes);
            var found = await slide.ReadRegionAsync(new Region(0, 0, 0, 100, 77), cancellationToken: Token);
            Assert.True(expected.AsSpan().SequenceEqual(found.Pixels), syntax);
            Assert.All((await slide.ReadRegionAsync(new Region(0, 25, 25, 25, 25), PixelFormat.Bgra32, Token)).Pixels, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public async Task Items_that_a_stranger_wrote_as_unknown_are_understood()
    {
        var picture = new DicomPicture(64, 32, 32);
        // The shared groups as UN of defined length: implicit little endian inside. PS3.5 §6.2.2.
        byte[] spacing = [0x28, 0, 0x30, 0, 12, 0, 0, 0, .. "0.001\\0.0005"u8];
        byte[] measures = [0x28, 0, 0x10, 0x91, (byte)(spacing.Length + 8), 0, 0, 0, 0xFE, 0xFF, 0, 0xE0, (byte)spacing.Length, 0, 0, 0, .. spacing];
        byte[] shared = [0xFE, 0xFF, 0, 0xE0, (byte)measures.Length, 0, 0, 0, .. measures];
        var dataset = picture.Dataset().Set(0x52009229, "UN", shared);
        dataset.Set(0x00280011, "UN", [32, 0]);
        await using var slide = await DicomObjects.OpenAsync(new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build());
        Assert.Equal(new MicronsPerPixel(0.5, 1), slide.Mpp);
        await Pixels.AssertSameAsync(slide, 0, picture.Pixels);
    }

    [Fact]
    public async Task What_the_object_says_of_the_slide_is_told()
    {
        var picture = new DicomPicture(100, 77, 31);
        await using var slide = await DicomObjects.OpenAsync(new DicomBuilder(new DicomLayout(Undefined: true)) { Dataset = picture.Dataset(), Frames = picture.Frames() }.Build());
        Assert.Equal("dicom-wsi", slide.Format);
        Assert.Equal((2.5, 5), (Math.Round(slide.Mpp!.Value.X, 9), Math.Round(slide.Mpp.Value.Y, 9)));
        Assert.Equal(40, slide.ObjectivePower);
        Assert.Equal([new OpticalPath("1", "Brightfield")], slide.OpticalPaths);
        Assert.Equal([new FocalPlane(0, null)], slide.FocalPlanes);
        Assert.Equal("Prüfstand", slide.Properties["dicom.Manufacturer"]);
        Assert.Equal("none", slide.Levels[0].Compression);
        Assert.Equal(Enumerable.Range(0, 200).Select(value => (byte)value), await slide.ReadIccProfileAsync(Token));
    }

    [Fact]
    public async Task The_size_of_a_pixel_follows_from_the_volume_where_no_spacing_is_given()
    {
        var picture = new DicomPicture(100, 77, 31);
        var dataset = picture.Dataset().Remove(0x52009229).Set(0x00480001, "FL", BitConverter.GetBytes(0.05f)).Set(0x00480002, "FL", BitConverter.GetBytes(0.077f));
        await using var slide = await DicomObjects.OpenAsync(new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build());
        Assert.Equal((0.5, 1), (Math.Round(slide.Mpp!.Value.X, 6), Math.Round(slide.Mpp.Value.Y, 6)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_beyond_four_gigabytes_are_found(bool walked)
    {
        const long Gap = 6L << 30;
        var picture = new DicomPicture(64, 64, 32);
        var jpegs = picture.Frames(picture.Jpeg);
        var dataset = picture.Dataset().Text(0x00280004, "CS", "YBR_FULL_422");
        var offsets = walked ? DicomOffsets.None : DicomOffsets.Extended;
        byte[] Build() => new DicomBuilder(new DicomLayout(DicomSyntax.Jpeg, Offsets: offsets)) { Dataset = dataset, Frames = jpegs }.Build();

        // The last two frames lie six gigabytes further on: the table says so, or the item before them is as long.
        var whole = Build();
        var third = whole.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(jpegs[2].Length + jpegs[2].Length % 2), .. jpegs[2]]);
        if (!walked)
        {
            var table = whole.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xE0, 0x7F, 1, 0, (byte)'O', (byte)'V']) + 12;
            foreach (var i in new[] { 2, 3 }) BitConverter.TryWriteBytes(whole.AsSpan(table + i * 8), BitConverter.ToInt64(whole, table + i * 8) + Gap);
        }
        // Fragments of two gigabytes each, for a walk to step over: they belong to the second frame, which nobody can decode then.
        var steps = walked ? Enumerable.Range(0, 3).Select(i => (Offset: third + i * (Gap / 3), Bytes: (byte[])[0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes((uint)(Gap / 3 - 8))])).ToArray() : [];
        var source = new SparseSource(Gap + whole.Length, [(0, whole[..third]), .. steps, (third + Gap, whole[third..])]);
        await using var slide = await Slide.OpenAsync(source, cancellationToken: Token);
        var expected = picture.AfterJpeg();
        foreach (var column in new[] { 0, 1 })
        {
            var found = await slide.ReadTileAsync(0, column, 1, cancellationToken: Token);
            for (var y = 0; y < 32; y++) Assert.True(expected.AsSpan(((32 + y) * 64 + column * 32) * 3, 96).SequenceEqual(found.Pixels.AsSpan(y * 96, 96)));
        }
    }
}
