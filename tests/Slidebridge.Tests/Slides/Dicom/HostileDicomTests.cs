using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>An object that lies, was cut short or hit by flipped bits is read, or refused as damaged, in little time and memory: nothing else.</summary>
[Collection(nameof(RunAlone))]
public sealed class HostileDicomTests
{
    static readonly DicomPicture Picture = new(70, 50, 16);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["native", "implicit", "jpeg", "walked", "extended", "rle", "sparse", "undefined"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_may_be_cut_anywhere(string kind)
    {
        var whole = Object(kind);
        Assert.Null(await Hostile.ReadAsync(whole, $"{kind}, whole"));
        for (var i = 0; i < 120; i++)
        {
            var length = (int)((long)whole.Length * i / 120);
            await Hostile.ReadAsync(whole[..length], $"{kind}, cut after {length} of {whole.Length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_may_have_flipped_bytes(string kind)
    {
        var whole = Object(kind);
        var random = new Random(kind.Length);
        for (var i = 0; i < 250; i++)
        {
            var damaged = whole.ToArray();
            for (var flips = 1 + random.Next(4); flips > 0; flips--)
                damaged[132 + (random.Next(3) == 0 ? random.Next(damaged.Length - 132) : random.Next(Math.Min(2500, damaged.Length - 132)))] = (byte)random.Next(256);
            await Hostile.ReadAsync(damaged, $"{kind}, mutation {i}");
        }
    }

    public static TheoryData<string, long, long> Numbers => new()
    {
        { "no columns", 0x00280011, 0 }, { "the most columns", 0x00280011, 65535 }, { "no rows", 0x00280010, 0 }, { "one row", 0x00280010, 1 }, { "the most rows", 0x00280010, 65535 },
        { "no samples", 0x00280002, 0 }, { "65535 samples", 0x00280002, 65535 }, { "64 bits", 0x00280100, 64 }, { "no bits", 0x00280100, 0 },
        { "no matrix", 0x00480006, 0 }, { "the widest matrix", 0x00480006, int.MaxValue }, { "an absurd matrix", 0x00480007, uint.MaxValue },
        { "no paths", 0x00480302, 0 }, { "four billion paths", 0x00480302, uint.MaxValue }, { "four billion planes", 0x00480303, uint.MaxValue }, { "no planes", 0x00480303, 0 },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task A_lying_number_is_refused(string lie, long tag, long value)
    {
        foreach (var kind in new[] { "native", "jpeg", "sparse" })
        {
            var (dataset, layout, frames) = Parts(kind);
            if (tag >> 16 == 0x48) dataset.Long((uint)tag, value);
            else dataset.Short((uint)tag, (int)value);
            await Hostile.ReadAsync(new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build(), $"{kind}, {lie}");
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("2147483647")]
    [InlineData("99999999999")]
    [InlineData("many")]
    [InlineData("19")]
    public async Task A_lying_number_of_frames_is_refused(string frames)
    {
        foreach (var kind in new[] { "native", "jpeg", "walked", "extended", "sparse" })
        {
            var (dataset, layout, encoded) = Parts(kind);
            dataset.Text(0x00280008, "IS", frames);
            var failure = await Hostile.ReadAsync(new DicomBuilder(layout) { Dataset = dataset, Frames = encoded }.Build(), $"{kind}, {frames} frames");
            Assert.IsType<SlideFormatException>(failure);
        }
    }

    [Fact]
    public async Task A_truncated_frame_is_told_with_its_tile_and_offset()
    {
        var whole = Object("jpeg");
        await using var slide = await DicomObjects.OpenAsync(whole[..^400]);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, slide.Levels[0].Columns - 1, slide.Levels[0].Rows - 1, cancellationToken: Token));
        Assert.Contains("truncated", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.Offset);
        // What was not lost is still shown.
        await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
    }

    [Fact]
    public async Task Fragments_that_cannot_be_told_apart_are_refused()
    {
        // Three of the fragments begin with a start of image; the object says there are twenty frames.
        var (dataset, _, frames) = Parts("walked");
        var broken = frames.Select((frame, i) => i < 3 ? frame : [1, 2, .. frame[2..]]).ToList();
        broken.Add([3, 4]);
        var failure = await DicomObjects.RefusedTileAsync(new DicomBuilder(new DicomLayout(DicomSyntax.Jpeg, Offsets: DicomOffsets.None)) { Dataset = dataset, Frames = broken }.Build(), 4, 3);
        Assert.Contains("It is not clear which fragment belongs to which frame", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_damaged_start_of_image_does_not_move_the_frames_after_it()
    {
        var (dataset, layout, frames) = Parts("walked");
        frames[5] = [0, 0, .. frames[5][2..]];
        await using var slide = await DicomObjects.OpenAsync(new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build());
        var expected = Picture.AfterJpeg();
        var after = await slide.ReadTileAsync(0, 1, 1, cancellationToken: Token);
        for (var y = 0; y < 16; y++) Assert.True(expected.AsSpan(((16 + y) * 70 + 16) * 3, 48).SequenceEqual(after.Pixels.AsSpan(y * 48, 48)));
        await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 1, cancellationToken: Token));
    }

    [Fact]
    public async Task Frames_off_the_grid_outside_it_or_on_each_other_are_refused()
    {
        foreach (var (column, row, what) in new[] { (9, 1, "not on the grid"), (81, 1, "outside the picture"), (17, 1, "where another frame") })
        {
            var dataset = DicomPicture.AddPositions(Picture.Dataset(), DicomPicture.Position(17, 1), DicomPicture.Position(column, row));
            var failure = await DicomObjects.RefusedAsync(new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = Picture.Frames()[..2] }.Build());
            Assert.Contains($"Frame 2 ", failure.Message, StringComparison.Ordinal);
            Assert.Contains(what, failure.Message, StringComparison.Ordinal);
            Assert.Equal(0x52009230, failure.Tag);
        }
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(200, false)]
    [InlineData(20_000, false)]
    public async Task Sequences_may_be_nested_a_while(int depth, bool readable)
    {
        // In a sequence that the reader knows, so that it looks into every one.
        byte[] inner = [];
        for (var i = 0; i < depth; i++)
            inner = [0x40, 0, 0x60, 5, (byte)'S', (byte)'Q', 0, 0, .. BitConverter.GetBytes(inner.Length + 8), 0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(inner.Length), .. inner];
        var whole = Object("native");
        // Before the matrix' size, where the specimen belongs.
        var at = whole.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x48, 0, 6, 0, (byte)'U', (byte)'L']);
        var failure = await Hostile.ReadAsync([.. whole[..at], .. inner, .. whole[at..]], $"{depth} deep");
        if (readable) Assert.Null(failure);
        else Assert.Contains("nested", Assert.IsType<SlideFormatException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Millions_of_empty_items_take_little_memory()
    {
        byte[] items = [.. Enumerable.Range(0, 2_000_000).SelectMany(_ => (byte[])[0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0])];
        foreach (var tag in new uint[] { 0x00480105, 0x52009230, 0x00400560 })
        {
            byte[] sequence = [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8), (byte)'S', (byte)'Q', 0, 0, .. BitConverter.GetBytes(items.Length), .. items];
            var (dataset, layout, frames) = Parts("native");
            dataset.Remove(0x00209311);
            var whole = new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build();
            var at = whole.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B']);
            Assert.IsType<SlideFormatException>(await Hostile.ReadAsync([.. whole[..at], .. sequence, .. whole[at..]], $"items of {tag:x8}"));
        }
    }

    [Fact]
    public async Task Bytes_that_end_with_the_preamble_are_refused()
    {
        foreach (var length in new[] { 132, 140, 200 })
        {
            var bytes = new byte[length];
            "DICM"u8.CopyTo(bytes.AsSpan(128));
            Assert.IsType<SlideFormatException>(await Hostile.ReadAsync(bytes, $"{length} bytes"));
        }
    }

    static byte[] Object(string kind)
    {
        var (dataset, layout, frames) = Parts(kind);
        return new DicomBuilder(layout) { Dataset = dataset, Frames = frames }.Build();
    }

    static (DicomItem Dataset, DicomLayout Layout, List<byte[]> Frames) Parts(string kind)
    {
        var dataset = Picture.Dataset();
        if (kind == "sparse")
            DicomPicture.AddPositions(dataset, [.. from row in Enumerable.Range(0, Picture.Rows) from column in Enumerable.Range(0, Picture.Columns) select DicomPicture.Position(column * 16 + 1, row * 16 + 1, "1", 0)]);
        if (kind is "jpeg" or "walked" or "extended") dataset.Text(0x00280004, "CS", "YBR_FULL_422");
        var layout = kind switch
        {
            "implicit" => new DicomLayout(DicomSyntax.Implicit, Undefined: true),
            "undefined" => new DicomLayout(Undefined: true),
            "jpeg" => new DicomLayout(DicomSyntax.Jpeg),
            "walked" => new DicomLayout(DicomSyntax.Jpeg, Offsets: DicomOffsets.None),
            "extended" => new DicomLayout(DicomSyntax.Jpeg, Offsets: DicomOffsets.Extended),
            "rle" => new DicomLayout(DicomSyntax.Rle),
            _ => new DicomLayout(),
        };
        return (dataset, layout, Picture.Frames(kind switch { "jpeg" or "walked" or "extended" => Picture.Jpeg, "rle" => Picture.Rle, _ => null }));
    }
}
