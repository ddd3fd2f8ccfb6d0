using Slidebridge.Slides;
using Slidebridge.Slides.Opening;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>Opens objects in memory, and the same over HTTP, and compares what they show.</summary>
static class DicomObjects
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<Slide> OpenAsync(params byte[][] objects) => OpenAsync(SlideOptions.Default, objects);

    public static Task<Slide> OpenAsync(SlideOptions options, params byte[][] objects) =>
        SlideOpening.OpenAsync([.. objects.Select(bytes => new MemorySource(bytes))], null, options, Token);

    /// <summary>Asserts that level 0 has the pixels, from memory and from a range server.</summary>
    public static async Task AssertShowsAsync(byte[] expected, params byte[][] objects)
    {
        await using (var slide = await OpenAsync(objects)) await Pixels.AssertSameAsync(slide, 0, expected);
        await using var server = await RangeServer.StartAsync();
        await using var remote = await Slide.OpenAsync([.. objects.Select(bytes => server.Serve(bytes).Url)], new SlideOptions { BlockSize = 1024 }, Token);
        await Pixels.AssertSameAsync(remote, 0, expected);
    }

    public static async Task<SlideFormatException> RefusedAsync(params byte[][] objects) => await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync(objects));

    /// <summary>The failure at opening, or at reading the first tile.</summary>
    public static async Task<SlideFormatException> RefusedTileAsync(byte[] bytes, int column = 0, int row = 0)
    {
        await using var slide = await OpenAsync(bytes);
        return await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, column, row, cancellationToken: Token));
    }
}
