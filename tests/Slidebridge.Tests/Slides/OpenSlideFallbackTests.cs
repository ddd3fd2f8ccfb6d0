using Slidebridge.Slides;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Slides.Formats.OpenSlide.Reader;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>What is left to libopenslide: read where it lies, or staged first.</summary>
public sealed class OpenSlideFallbackTests : IAsyncLifetime
{
    readonly TemporaryFolder folder = new();
    RangeServer server = null!;

    /// <summary>Copies lie in a folder of this test: other tests make some too.</summary>
    SlideOptions Options => new() { TemporaryDirectory = Directory.CreateDirectory(folder.File("copies")).FullName };

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (!OpenSlideLibrary.IsAvailable) Assert.Skip("libopenslide is not installed (Debian: libopenslide0).");
        server = await RangeServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_slide_that_only_OpenSlide_reads_is_read_from_a_file_and_over_HTTP()
    {
        var bytes = TrestleSlide.Build(out var full);
        var path = folder.File("slide.tif");
        await File.WriteAllBytesAsync(path, bytes, Token);
        foreach (var place in new[] { path, server.Serve(bytes).Url, folder.Path })
        {
            var progress = new Recorded();
            await using var slide = await Slide.OpenAsync(place, Options with { Staging = progress }, Token);
            Assert.Equal("openslide-trestle", slide.Format);
            Assert.Equal([(300, 250), (150, 125)], slide.Levels.Select(level => (level.Width, level.Height)));
            Assert.Equal(20, slide.ObjectivePower);
            Assert.Equal(full.Pixels, (await slide.ReadRegionAsync(new Region(0, 0, 0, 300, 250), PixelFormat.Rgb24, Token)).Pixels);
            var outside = await slide.ReadRegionAsync(new Region(0, -50, -50, 40, 40), PixelFormat.Bgra32, Token);
            Assert.All(outside.Pixels, value => Assert.Equal(0, value));
            Assert.Equal(place.StartsWith("http", StringComparison.Ordinal) ? bytes.Length : 0, progress.Last.BytesDone);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_fallback_shows_what_our_own_reader_shows(bool local)
    {
        var path = SharedFiles.CmuSmallRegion;
        await using var own = await Slide.OpenAsync(path, cancellationToken: Token);
        await using var slide = await ForceAsync(path, local);
        Assert.Equal("openslide-aperio", slide.Format);
        Assert.Equal(own.Mpp, slide.Mpp);
        Assert.Equal(own.ObjectivePower, slide.ObjectivePower);
        Assert.Equal(own.AssociatedImages.Keys.Order(), slide.AssociatedImages.Keys.Order());
        Assert.Equal(own.Levels[0].TileWidth, slide.Levels[0].TileWidth);
        foreach (var region in new Region[] { new(0, 100, 100, 700, 500), new(0, -50, 2800, 400, 400) })
            foreach (var format in Enum.GetValues<PixelFormat>())
                AssertNear((await own.ReadRegionAsync(region, format, Token)).Pixels, (await slide.ReadRegionAsync(region, format, Token)).Pixels);
        foreach (var name in own.AssociatedImages.Keys)
            AssertNear((await own.AssociatedImages[name].ReadAsync(Token)).Pixels, (await slide.AssociatedImages[name].ReadAsync(Token)).Pixels);
        AssertNear((await own.ReadTileAsync(0, 9, 12, cancellationToken: Token)).Pixels, (await slide.ReadTileAsync(0, 9, 12, cancellationToken: Token)).Pixels);
        Assert.Equal(300, Math.Max((await slide.GetThumbnailAsync(300, 300, Token)).Width, (await slide.GetThumbnailAsync(300, 300, Token)).Height));
    }

    [Fact]
    public async Task Many_read_at_once_and_a_disposed_slide_leaves_nothing_behind()
    {
        var slide = await ForceAsync(SharedFiles.CmuSmallRegion, local: false);
        var staged = StagedFolders();
        Assert.NotEmpty(staged);
        if (!OperatingSystem.IsWindows())
            foreach (var each in staged) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(each));
        var expected = (await slide.ReadRegionAsync(new Region(0, 0, 0, 500, 500), PixelFormat.Rgb24, Token)).Pixels;
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), Token, async (_, token) =>
            Assert.Equal(expected, (await slide.ReadRegionAsync(new Region(0, 0, 0, 500, 500), PixelFormat.Rgb24, token)).Pixels));
        var late = Enumerable.Range(0, 8).Select(_ => slide.ReadRegionAsync(new Region(0, 0, 0, 1500, 1500), PixelFormat.Rgb24, Token)).ToArray();
        await slide.DisposeAsync();
        foreach (var read in late)
            if (await Record.ExceptionAsync(() => read) is { } failure) Assert.IsType<ObjectDisposedException>(failure);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: Token));
        Assert.DoesNotContain(StagedFolders(), staged.Contains);
    }

    [Fact]
    public async Task Staging_keeps_to_the_limit_and_cleans_up_when_it_is_cancelled()
    {
        var bytes = TrestleSlide.Build(out _);
        var before = StagedFolders();
        var limit = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(new MemorySource(bytes), Options with { MaxDownloadBytes = 1000 }, Token));
        Assert.Contains("MaxDownloadBytes", limit.Message, StringComparison.Ordinal);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = Options with { Staging = new Recorded(cancel.Cancel) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Slide.OpenAsync(new MemorySource(bytes), options, cancel.Token));
        Assert.Equal(before, StagedFolders());
    }

    [Fact]
    public async Task A_damaged_slide_is_told_without_a_path()
    {
        var bytes = TrestleSlide.Build(out _);
        bytes.AsSpan(8, bytes.Length / 2).Fill(0x55);
        var path = folder.File("patient-name.tif");
        await File.WriteAllBytesAsync(path, bytes, Token);
        var before = StagedFolders();
        foreach (var place in new[] { path, server.Serve(bytes).Url })
        {
            var failure = await Record.ExceptionAsync(async () =>
            {
                await using var slide = await Slide.OpenAsync(place, Options, Token);
                await slide.ReadRegionAsync(new Region(0, 0, 0, 300, 250), PixelFormat.Rgb24, Token);
            });
            Assert.IsType<SlideFormatException>(failure);
            Assert.DoesNotContain("patient", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Path.GetTempPath(), failure.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, StagedFolders());
    }

    async Task<Slide> ForceAsync(string path, bool local)
    {
        ByteSource source = new MemorySource(await File.ReadAllBytesAsync(path, Token));
        var probe = new SlideProbe([await SlideObject.TakeAsync(1, source, isExact: false, Token)], Options) { Path = local ? path : null };
        return new Slide([source], [source], await OpenSlideFormat.OpenAsync(probe, new ForeignSlide("a slide"), Token), probe.Options, probe.Warnings);
    }

    string[] StagedFolders() => [.. Directory.GetDirectories(Options.TemporaryDirectory!, "slidebridge-staged-*").Order()];

    static void AssertNear(byte[] expected, byte[] found) => Assert.True(expected.Length == found.Length && expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() <= 2);

    sealed class Recorded(Action? each = null) : IProgress<StagingProgress>
    {
        public StagingProgress Last { get; private set; }

        public void Report(StagingProgress value)
        {
            Assert.InRange(value.BytesDone, Last.BytesDone, value.BytesTotal);
            Last = value;
            each?.Invoke();
        }
    }
}
