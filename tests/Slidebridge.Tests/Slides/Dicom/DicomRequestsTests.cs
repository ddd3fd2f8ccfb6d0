using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>Over HTTP little more is read than is needed.</summary>
public sealed class DicomRequestsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DicomOffsets.Basic)]
    [InlineData(DicomOffsets.Extended)]
    public async Task The_first_tile_of_a_large_object_takes_a_handful_of_requests(DicomOffsets offsets)
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(Large(offsets, 40_000));
        await using var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        await slide.ReadTileAsync(0, 150, 150, cancellationToken: Token);
        Assert.InRange(slide.Usage.Requests, 1, 6);
        Assert.InRange(slide.Usage.BytesRead, 1, 512 * 1024);
    }

    [Fact]
    public async Task Without_a_table_the_walk_goes_no_further_than_the_tile()
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(Large(DicomOffsets.None, 40_000));
        await using var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        await slide.ReadTileAsync(0, 3, 0, cancellationToken: Token);
        Assert.InRange(slide.Usage.BytesRead, 1, 256 * 1024);
        await slide.ReadTileAsync(0, 10, 10, cancellationToken: Token);
        Assert.InRange(slide.Usage.Requests, 1, 30);
    }

    [Fact]
    public async Task A_written_series_is_opened_with_a_request_for_each_object()
    {
        using var folder = new TemporaryFolder();
        await SyntheticTissue.Create(900, 700).WriteSeriesAsync(folder.Path, cancellationToken: Token);
        await using var server = await RangeServer.StartAsync();
        var served = Directory.GetFiles(folder.Path).Select(path => server.Serve(File.ReadAllBytes(path))).ToList();
        await using var slide = await Slide.OpenAsync([.. served.Select(each => each.Url)], cancellationToken: Token);
        Assert.Equal(served.Count, slide.Usage.Requests);
    }

    // Tiles of 16×16 whose JPEGs are all the same; the table is long, as that of a large slide.
    static byte[] Large(DicomOffsets offsets, int frames)
    {
        var picture = new DicomPicture(16, 16, 16);
        var side = (int)Math.Sqrt(frames);
        var jpeg = picture.Jpeg(picture.TileAt(0, 0));
        var dataset = picture.Dataset().Text(0x00280004, "CS", "YBR_FULL_422").Long(0x00480006, side * 16).Long(0x00480007, side * 16).Text(0x00280008, "IS", $"{side * side}");
        return new DicomBuilder(new DicomLayout(DicomSyntax.Jpeg, Offsets: offsets)) { Dataset = dataset, Frames = [.. Enumerable.Repeat(jpeg, side * side)] }.Build();
    }
}
