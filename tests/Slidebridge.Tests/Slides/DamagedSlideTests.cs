using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A slide that was cut short or hit by flipped bits is read, or refused as damaged: nothing else.</summary>
[Collection(nameof(RunAlone))]
public sealed class DamagedSlideTests
{
    public static TheoryData<TiffPacking> Packings => [.. Enum.GetValues<TiffPacking>()];

    [Theory]
    [MemberData(nameof(Packings))]
    public async Task A_tiff_may_be_cut_anywhere(TiffPacking packing)
    {
        foreach (var directoriesFirst in new[] { false, true })
            await CutAsync(Small(packing, new TiffLayout(DirectoriesFirst: directoriesFirst)), 100);
    }

    [Fact]
    public async Task A_written_slide_may_be_cut_anywhere() => await CutAsync(await WrittenAsync(), 200);

    [Theory]
    [MemberData(nameof(Packings))]
    public async Task A_tiff_may_have_flipped_bytes(TiffPacking packing)
    {
        foreach (var big in new[] { false, true })
            await FlipAsync(Small(packing, new TiffLayout(Big: big, DirectoriesFirst: true)), 150, seed: (int)packing);
    }

    [Fact]
    public async Task A_written_slide_may_have_flipped_bytes() => await FlipAsync(await WrittenAsync(), 300, seed: 9);

    [Fact]
    public async Task What_is_no_slide_is_refused_by_its_first_bytes()
    {
        var random = new Random(4);
        for (var length = 0; length < 40; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.IsType<SlideFormatException>(await Hostile.ReadAsync(bytes, $"{length} random bytes"));
        }
    }

    [Fact]
    public async Task A_real_slide_whose_pixels_are_damaged_opens_and_says_which_tile_is()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.Unreadable, cancellationToken: TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("tile 0,0", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.Offset);
    }

    static byte[] Small(TiffPacking packing, TiffLayout layout)
    {
        var builder = new TiffBuilder(layout);
        builder.Pages.Add(new TiffPicture(60, 44, (32, 32)).Page(packing).SetText(270, "Aperio Image Library v1\r\n60x44|MPP = 0.5|AppMag = 20"));
        builder.Pages.Add(new TiffPicture(60, 44, null).Page(packing));
        builder.Pages.Add(new TiffPicture(30, 22, (16, 16)).Page(packing));
        return builder.Build();
    }

    static async Task<byte[]> WrittenAsync()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("slide.svs");
        await SyntheticTissue.Create(300, 200).WriteAsync(path, new PyramidWriterOptions { TileSize = 64, SmallestLevel = 64, ThumbnailEdge = 64 }, cancellationToken: TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }

    static async Task CutAsync(byte[] whole, int cuts)
    {
        Assert.Null(await Hostile.ReadAsync(whole, "the whole slide"));
        for (var i = 0; i < cuts; i++)
        {
            var length = (int)((long)whole.Length * i / cuts);
            await Hostile.ReadAsync(whole[..length], $"cut after {length} of {whole.Length} bytes");
        }
    }

    static async Task FlipAsync(byte[] whole, int times, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < times; i++)
        {
            var damaged = whole.ToArray();
            var flips = 1 + random.Next(4);
            // Half of them where the structure is, at the ends of the file.
            for (var flip = 0; flip < flips; flip++)
            {
                var at = random.Next(3) switch { 0 => random.Next(Math.Min(600, whole.Length)), 1 => whole.Length - 1 - random.Next(Math.Min(600, whole.Length)), _ => random.Next(whole.Length) };
                damaged[at] = (byte)random.Next(256);
            }
            await Hostile.ReadAsync(damaged, $"seed {seed}, mutation {i}");
        }
    }
}
