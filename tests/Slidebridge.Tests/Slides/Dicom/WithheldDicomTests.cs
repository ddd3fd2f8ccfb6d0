using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>With SlideOptions.WithholdLabels, a label's or overview's object is read no further than to see what it is.</summary>
public sealed class WithheldDicomTests : IAsyncLifetime
{
    // The first bytes of an object, which show what it is.
    const int Begin = 1024;

    static readonly DicomPicture Full = new(200, 120, 32), Half = new(100, 60, 32, seed: 2), Quarter = new(50, 30, 64, seed: 3), Label = Noise(60, 50, 4), Macro = Noise(90, 40, 5);

    RangeServer server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static SlideOptions Options => new() { WithholdLabels = true, Cache = new BlockCache(64 * 1024 * 1024) };

    public async ValueTask InitializeAsync() => server = await RangeServer.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    static byte[][] Objects => [Object(Label, "LABEL"), Object(Half), Object(Macro, "OVERVIEW"), Object(Full), Object(Quarter), Object(Macro, "LOCALIZER"), Object(Quarter, "THUMBNAIL")];

    [Fact]
    public async Task Only_the_beginning_of_a_label_and_an_overview_is_fetched()
    {
        var served = Objects.Select(server.Serve).ToList();
        await using var slide = await Slide.OpenAsync([.. served.Select(each => each.Url)], Options, Token);
        await AssertShowsAsync(slide);
        Assert.Equal(["thumbnail"], slide.AssociatedImages.Keys);
        Assert.Equal([("label", 1), ("macro", 3), ("macro", 6), ("thumbnail", 7)], slide.Parts.Select(part => (part.Name, part.Object)).Order());
        foreach (var part in slide.Parts)
        {
            var (bytes, log) = (Assert.Single(part.Bytes), ByteLog.Of(served[part.Object - 1]));
            Assert.Equal(log.Length, bytes.End);
            if (part.Name == "thumbnail") continue;
            Assert.InRange(bytes.Offset, 1, Begin);
            Assert.Equal([new ByteRange(0, bytes.Offset)], ByteLog.Ranges(log));
        }
        for (var i = 0; i < served.Count; i++) Assert.Equal(ByteLog.Ranges(ByteLog.Of(served[i])), slide.Objects[i].Fetched);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_a_zip_the_same_holds_for_its_entries(bool deflated)
    {
        var zip = new ZipBuilder();
        var entries = Objects.Select((bytes, i) => zip.Add($"DICOM/{i}", bytes, deflated)).ToList();
        var served = server.Serve(zip.Build());
        await using var slide = await Slide.OpenAsync(served.Url, Options, Token);
        var opened = served.Asked.Count;
        await AssertShowsAsync(slide);
        TestContext.Current.TestOutputHelper?.WriteLine($"opened with {opened} requests");
        foreach (var number in new[] { 1, 3, 6 })
        {
            var entry = entries[number - 1];
            // The local header, the name, and the extra field of the builder.
            var data = entry.Offset!.Value + 30 + entry.Name.Length + 9;
            var end = data + entry.PackedLength;
            var part = Assert.Single(slide.Parts, part => part.Bytes.Any(bytes => bytes.Offset >= data && bytes.End <= end));
            Assert.Equal((1, end), (part.Object, part.Bytes[0].End));
            Assert.InRange(part.Bytes[0].Offset, data, data + Begin);
            ByteLog.AssertNeverAsked(served, slide, part.Bytes);
        }
    }

    [Fact]
    public async Task Files_of_a_folder_are_read_in_the_same_way()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < Objects.Length; i++) await File.WriteAllBytesAsync(folder.File($"{i}"), Objects[i], Token);
        await using var slide = await Slide.OpenAsync(folder.Path, Options, Token);
        await AssertShowsAsync(slide);
        Assert.Equal(3, slide.Parts.Count(part => part.Name != "thumbnail"));
        foreach (var part in slide.Parts.Where(part => part.Name != "thumbnail")) Assert.Equal([new ByteRange(0, part.Bytes[0].Offset)], slide.Objects[part.Object - 1].Fetched);
    }

    [Fact]
    public async Task Without_the_option_the_parts_are_the_pixels()
    {
        var objects = Objects[..5];
        await using var slide = await DicomObjects.OpenAsync(objects);
        Assert.Equal([("label", 1), ("macro", 3)], slide.Parts.Select(part => (part.Name, part.Object)).Order());
        Assert.Equal(Label.Frames().Sum(frame => frame.Length), slide.Parts.Single(part => part.Name == "label").Bytes[0].Length);
        Assert.Equal(Label.Pixels, (await slide.AssociatedImages["label"].ReadAsync(Token)).Pixels);
    }

    [Fact]
    public async Task A_label_alone_is_no_slide() =>
        Assert.Contains("None of the objects is a level", (await Assert.ThrowsAsync<SlideFormatException>(() => DicomObjects.OpenAsync(Options, Object(Label, "LABEL")))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_written_series_takes_three_requests_an_object()
    {
        using var folder = new TemporaryFolder();
        await SyntheticTissue.Create(900, 700).WriteSeriesAsync(folder.Path, cancellationToken: Token);
        var served = Directory.GetFiles(folder.Path).Select(path => server.Serve(File.ReadAllBytes(path))).ToList();
        await using var slide = await Slide.OpenAsync([.. served.Select(each => each.Url)], Options, Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{served.Count} objects: {slide.Usage}");
        Assert.InRange(slide.Usage.Requests, served.Count, 3 * served.Count);
    }

    static async Task AssertShowsAsync(Slide slide)
    {
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await Pixels.AssertSameAsync(slide, 2, Quarter.Pixels);
        await slide.ExamineAsync(Token);
    }

    static DicomPicture Noise(int width, int height, int seed)
    {
        var picture = new DicomPicture(width, height, width, seed);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    static byte[] Object(DicomPicture picture, string flavor = "VOLUME") => new DicomBuilder(new DicomLayout()) { Dataset = picture.Dataset(flavor), Frames = picture.Frames() }.Build();
}
