using System.Diagnostics;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A slide behind a URL: what servers and networks do, and what a reader sees of it.</summary>
public sealed class HttpSourceTests : IAsyncLifetime
{
    static readonly SlideOptions Options = new() { BlockSize = 1024, Cache = new BlockCache(64 * 1024), RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 3 };
    static readonly byte[] Bytes = RandomBytes(100_000);

    RangeServer server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RangeServer.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Any_range_is_the_objects_own_bytes_and_only_GET_is_used()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        Assert.Equal(Bytes.Length, source.Length);
        var random = new Random(2);
        for (var i = 0; i < 200; i++)
        {
            var offset = random.Next(Bytes.Length);
            await source.AssertReadsAsync(Bytes, offset, random.Next(Math.Min(9000, Bytes.Length - offset)));
        }
        Assert.All(served.Asked, asked => Assert.StartsWith("GET bytes=", asked, StringComparison.Ordinal));
        Assert.Equal(served.Asked.Count, source.Usage.Requests);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_a_damaged_slide_and_asks_nothing()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await Assert.ThrowsAsync<SlideFormatException>(() => source.ReadAsync(Bytes.Length - 10, new byte[11], Token).AsTask());
        Assert.Single(served.Asked);
    }

    [Fact]
    public async Task Readers_of_one_block_share_one_request()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        served.Delay = TimeSpan.FromMilliseconds(100);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => source.AssertReadsAsync(Bytes, 50_000 + i, 100)));
        Assert.Equal(2, served.Asked.Count);
    }

    [Fact]
    public async Task Neighbours_that_were_announced_come_in_one_request()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.PrefetchAsync([new(40_000, 900), new(42_000, 3000), new(45_000, 10)], Token);
        await source.AssertReadsAsync(Bytes, 42_000, 3000);
        await source.AssertReadsAsync(Bytes, 40_000, 900);
        Assert.Equal(2, served.Asked.Count);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(5000)]
    public async Task No_request_is_larger_than_the_largest_however_much_was_announced(int most)
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { MaxRequestBytes = most }, Token);
        await source.PrefetchAsync([new(10_000, 12_000)], Token);
        await source.AssertReadsAsync(Bytes, 10_000, 12_000);
        Assert.All(served.Asked, asked =>
        {
            var range = asked.Split('=')[1].Split('-');
            Assert.InRange(int.Parse(range[1]) - int.Parse(range[0]) + 1, 1, most);
        });
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_downloaded_once()
    {
        var served = server.Serve(Bytes);
        served.IgnoresRange = true;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 70_000, 20_000);
        await source.AssertReadsAsync(Bytes, 0, Bytes.Length);
        Assert.Single(served.Asked);
    }

    [Fact]
    public async Task A_download_above_the_limit_is_refused()
    {
        var served = server.Serve(Bytes);
        served.IgnoresRange = true;
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options with { MaxDownloadBytes = 50_000 }, Token), SlideSourceFailure.Server);
        Assert.Contains("MaxDownloadBytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_is_cut_is_begun_again()
    {
        var served = server.Serve(Bytes);
        served.IgnoresRange = true;
        served.CutAfter = number => number < 3 ? 60_000 : null;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 0, Bytes.Length);
        Assert.Equal(3, served.Asked.Count);
    }

    [Theory]
    [InlineData("\"second\"", 100_000, true)]
    [InlineData("\"second\"", 100_000, false)]
    [InlineData("\"first\"", 90_000, false)]
    [InlineData(null, 90_000, false)]
    [InlineData(null, 20_000, false)]
    public async Task An_object_that_was_replaced_is_never_mixed_with_the_old_one(string? tag, int length, bool heedsIfMatch)
    {
        var served = server.Serve(Bytes);
        served.ETag = tag is null ? null : "\"first\"";
        served.HeedsIfMatch = heedsIfMatch;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 30_000, 100);
        (served.Bytes, served.ETag) = (new byte[length], tag);
        var failure = await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
        Assert.False(failure.IsTransient);
        Assert.InRange(served.Asked.Count, 3, 5);
    }

    [Fact]
    public async Task A_server_that_stops_answering_ranges_midway_fails_and_its_body_is_not_taken_for_the_range()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        served.IgnoresRange = true;
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Server);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_body_that_is_cut_is_asked_for_again(int after)
    {
        var served = server.Serve(Bytes);
        served.CutAfter = number => number % 2 == 1 ? after : null;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 20_000, 30_000);
        Assert.Equal(4, served.Asked.Count);
    }

    [Fact]
    public async Task Bodies_that_are_always_cut_fail_as_truncated_after_the_retries()
    {
        var served = server.Serve(Bytes);
        served.CutAfter = _ => 500;
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options, Token), SlideSourceFailure.Truncated);
        Assert.True(failure.IsTransient);
        Assert.Equal(1 + Options.Retries, served.Asked.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_server_that_fails_for_the_moment_is_asked_again(int status)
    {
        var served = server.Serve(Bytes);
        served.Status = number => number is 1 or 2 or 4 ? status : 0;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 50_000, 10);
        Assert.Equal(5, served.Asked.Count);
    }

    [Fact]
    public async Task Retry_After_is_obeyed_up_to_the_longest_pause()
    {
        var served = server.Serve(Bytes);
        (served.Status, served.RetryAfter) = (number => number == 1 ? 503 : 0, 1);
        var watch = Stopwatch.StartNew();
        await using (await HttpSource.OpenAsync(served.Url, Options, Token)) Assert.True(watch.Elapsed > TimeSpan.FromSeconds(0.95));

        var impatient = server.Serve(Bytes);
        (impatient.Status, impatient.RetryAfter) = (number => number == 1 ? 503 : 0, 3600);
        await using (await HttpSource.OpenAsync(impatient.Url, Options with { MaxRetryDelay = TimeSpan.FromMilliseconds(10) }, Token)) Assert.Equal(2, impatient.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_keeps_failing_is_given_up_with_its_status()
    {
        var served = server.Serve(Bytes);
        served.Status = _ => 503;
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options, Token), SlideSourceFailure.Server);
        Assert.Equal(503, failure.HttpStatus);
        Assert.True(failure.IsTransient);
        Assert.Equal(1 + Options.Retries, served.Asked.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_presigned_url_that_expires_midway_is_told_apart_and_not_asked_again(int status)
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        served.Status = _ => status;
        var failure = await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Forbidden);
        Assert.Equal(status, failure.HttpStatus);
        Assert.Equal(2, served.Asked.Count);
        // What is in the cache is still there.
        await source.AssertReadsAsync(Bytes, 10, 20);
    }

    [Fact]
    public async Task An_object_that_is_not_there_is_told_apart()
    {
        await SourceReads.FailAsync(() => HttpSource.OpenAsync(server.Nowhere, Options, Token), SlideSourceFailure.NotFound);
        await SourceReads.FailAsync(() => HttpSource.OpenAsync("http://127.0.0.1:1/", Options, Token), SlideSourceFailure.Unreachable);
    }

    [Fact]
    public async Task An_empty_object_is_no_slide() =>
        await Assert.ThrowsAsync<SlideFormatException>(() => HttpSource.OpenAsync(server.Serve([]).Url, Options, Token));

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_given_up()
    {
        var served = server.Serve(Bytes);
        served.Delay = TimeSpan.FromSeconds(20);
        var watch = Stopwatch.StartNew();
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options with { RequestTimeout = TimeSpan.FromMilliseconds(200), Retries = 1 }, Token), SlideSourceFailure.Unreachable);
        Assert.True(failure.IsTransient);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(350), TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_drips_is_given_up_for_now_and_told_as_too_slow(bool wholeBody)
    {
        var served = server.Serve(Bytes);
        (served.IgnoresRange, served.Crawl) = (wholeBody, (10, TimeSpan.FromMilliseconds(20)));
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options with { RateWindow = TimeSpan.FromMilliseconds(300) }, Token), SlideSourceFailure.Unreachable);
        Assert.True(failure.IsTransient);
        Assert.Matches(@"^127\.0\.0\.1:\d+ sends the slide too slowly: \d+ bytes in 0\.3 s, expected at least 2457\.$", failure.Message);
        // What stalls is tried once more, not as often as what fails at once.
        Assert.Equal(2, served.Asked.Count);
    }

    [Fact]
    public async Task A_slow_server_that_keeps_to_the_least_rate_is_read_to_the_end()
    {
        var served = server.Serve(Bytes);
        (served.IgnoresRange, served.Crawl) = (true, (10_000, TimeSpan.FromMilliseconds(60)));
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { RateWindow = TimeSpan.FromMilliseconds(300) }, Token);
        await source.AssertReadsAsync(Bytes, 0, Bytes.Length);
    }

    [Fact]
    public async Task A_reader_that_is_slow_itself_does_not_count_as_a_slow_server()
    {
        var served = server.Serve(RandomBytes(8_000_000));
        served.IgnoresRange = true;
        // Each piece takes the reader longer than the whole window.
        var slow = new SlowReader(TimeSpan.FromMilliseconds(60));
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { RateWindow = TimeSpan.FromMilliseconds(50), MinBytesPerSecond = 1_000_000, Copied = slow }, Token);
        Assert.Equal(8_000_000, slow.Bytes);
    }

    [Fact]
    public async Task An_object_that_is_stuck_takes_no_turn_from_the_others_of_its_host()
    {
        var stuck = Enumerable.Range(0, 40).Select(_ => server.Serve(Bytes)).ToArray();
        foreach (var each in stuck) each.Hangs = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = stuck.Select(each => HttpSource.OpenAsync(each.Url, Options, stop.Token)).ToArray();
        await using (await HttpSource.OpenAsync(server.Serve(Bytes).Url, Options, Token)) Assert.All(waiting, each => Assert.False(each.IsCompleted));
        await stop.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_claimed_length_takes_no_disk()
    {
        using var folder = new TemporaryFolder();
        var served = server.Serve(Bytes);
        served.ClaimedLength = 3_000_000_000;
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { TemporaryDirectory = folder.Path }, Token);
        Assert.Equal(3_000_000_000, source.Length);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_download_leaves_the_disk_as_much_as_is_to_stay_free()
    {
        var served = server.Serve(Bytes);
        served.IgnoresRange = true;
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options with { MinFreeBytes = long.MaxValue / 2, Retries = 0 }, Token), SlideSourceFailure.Unreachable);
        Assert.True(failure.IsTransient);
        Assert.Contains("--min-free", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_gives_up_does_not_take_the_block_from_another()
    {
        var served = server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        served.Delay = TimeSpan.FromMilliseconds(300);
        using var gaveUp = new CancellationTokenSource();
        var first = source.ReadAsync(50_000, new byte[10], gaveUp.Token).AsTask();
        var second = source.AssertReadsAsync(Bytes, 50_000, 10);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second;
        Assert.Equal(2, served.Asked.Count);
    }

    [Fact]
    public async Task A_slide_that_is_disposed_ends_its_reads()
    {
        var served = server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token));
        var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        served.Delay = TimeSpan.FromSeconds(20);
        var reading = slide.ReadRegionAsync(new Region(0, 1000, 1000, 500, 500), cancellationToken: Token);
        var watch = Stopwatch.StartNew();
        await slide.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_real_slide_opens_and_shows_itself_in_a_few_requests()
    {
        var served = server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token));
        await using var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        var opened = slide.Usage;
        await slide.GetThumbnailAsync(512, 512, Token);
        var shown = slide.Usage;
        await slide.ReadTileAsync(0, 4, 6, cancellationToken: Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"opened: {opened}; thumbnail: {shown}; a tile more: {slide.Usage}");
        // Its four directories lie far apart, each behind its picture; the vendor's thumbnail and the tile are one request each.
        Assert.InRange(opened.Requests, 1, 6);
        Assert.InRange(shown.Requests - opened.Requests, 1, 1);
        Assert.InRange(slide.Usage.Requests - shown.Requests, 1, 1);
        Assert.True(opened.BytesRead < 250_000);
        Assert.All(served.Asked, asked => Assert.StartsWith("GET ", asked, StringComparison.Ordinal));
    }

    /// <summary>Takes its time over each piece.</summary>
    sealed class SlowReader(TimeSpan pause) : IProgress<long>
    {
        public long Bytes { get; private set; }

        public void Report(long value)
        {
            Bytes += value;
            Thread.Sleep(pause);
        }
    }

    static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
