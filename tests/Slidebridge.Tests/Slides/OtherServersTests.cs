using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Servers that answer ranges otherwise than an object store does: each is read, or refused in one sentence; and an object that was replaced is never taken for another node's.</summary>
public sealed class OtherServersTests : ServedSlideTests
{
    static readonly SlideOptions Options = new() { BlockSize = 1024, Cache = new BlockCache(64 * 1024), RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 3 };
    static readonly DateTimeOffset LongAgo = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    static readonly byte[] Bytes = RandomBytes(1);

    /// <summary>The library's own client, and the bridge's.</summary>
    public static TheoryData<bool> Clients => [false, true];

    [Theory]
    [InlineData(1000)]
    [InlineData(32)]
    [InlineData(7)]
    public async Task Answers_that_bring_less_than_was_asked_for_are_gone_on_from(int most)
    {
        var served = Server.Serve(Bytes);
        served.MostInAnswer = most;
        // A busy machine may take long over hundreds of answers: the least rate has a test of its own.
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { MinBytesPerSecond = 0 }, Token);
        await source.AssertReadsAsync(Bytes, 20_000, 1000);
        Assert.InRange(served.Asked.Count, 1000 / most, 1000 / most + 3 * (1024 / most + 1) + 3);
    }

    [Fact]
    public async Task A_whole_copy_is_made_of_short_answers_too()
    {
        var served = Server.Serve(Bytes);
        served.MostInAnswer = 3000;
        await AssertCopiesAsync(served);
    }

    [Fact]
    public async Task Answers_that_break_off_are_gone_on_from_too()
    {
        var served = Server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        served.CutAfter = _ => 2000;
        await source.AssertReadsAsync(Bytes, 20_480, 5120);
        Assert.Equal(["GET bytes=20480-25599", "GET bytes=22480-25599", "GET bytes=24480-25599"], served.Asked.Skip(1));
    }

    [Fact]
    public async Task A_server_that_brings_too_little_in_many_answers_is_given_up_as_too_slow()
    {
        var served = Server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options with { RateWindow = TimeSpan.FromMilliseconds(200), Retries = 0 }, Token);
        (served.MostInAnswer, served.Delay) = (1, TimeSpan.FromMilliseconds(5));
        var failure = await SourceReads.FailAsync(() => source.ReadAsync(20_000, new byte[5000], Token).AsTask(), SlideSourceFailure.Unreachable);
        Assert.Contains("too slowly", failure.Message, StringComparison.Ordinal);
        Assert.InRange(served.Asked.Count, 5, 100);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, 700)]
    public async Task A_length_that_ranges_do_not_state_is_asked_for(bool knowsSuffixes, int? most)
    {
        foreach (var length in new[] { 1, 1000, 1024, 1025, Bytes.Length })
        {
            var served = Server.Serve(Bytes[..length]);
            (served.HidesLength, served.KnowsSuffixes, served.MostInAnswer) = (true, knowsSuffixes, most);
            await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
            Assert.Equal(length, source.Length);
            await source.AssertReadsAsync(Bytes, 0, Math.Min(length, 9000));
        }
    }

    [Fact]
    public async Task A_length_is_refused_rather_than_guessed_from_an_answer_that_was_short()
    {
        var served = Server.Serve(Bytes);
        (served.HidesLength, served.KnowsSuffixes, served.MostInAnswer) = (true, false, 700);
        var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, Options, Token), SlideSourceFailure.Server);
        Assert.Contains("does not state the slide's length", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, served.Asked.Count);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Nodes_that_name_the_same_bytes_by_different_tags_are_read(bool heedsIfMatch, bool hasTime)
    {
        var served = Server.Serve(Bytes);
        (served.NodeTag, served.HeedsIfMatch, served.LastModified) = (number => $"\"node{number % 3}\"", heedsIfMatch, hasTime ? LongAgo : null);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        for (var offset = 0; offset < 90_000; offset += 10_000) await source.AssertReadsAsync(Bytes, offset, 9000);
        Assert.Equal(3, source.Versions.Count);
        Assert.InRange(served.Asked.Count, 10, 40);
        await AssertCopiesAsync(served);
    }

    [Fact]
    public async Task Many_readers_find_out_about_a_node_together()
    {
        var served = Server.Serve(Bytes);
        served.NodeTag = number => $"\"node{number % 2}\"";
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await Task.WhenAll(Enumerable.Range(1, 40).Select(i => source.AssertReadsAsync(Bytes, i * 2000, 100)));
    }

    [Fact]
    public async Task A_node_that_is_gone_for_good_is_no_replaced_object_where_the_time_says_so()
    {
        var served = Server.Serve(Bytes);
        (served.LastModified, served.NodeTag) = (LongAgo, number => number <= 2 ? "\"old\"" : "\"new\"");
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 20_000, 100);
        await source.AssertReadsAsync(Bytes, 50_000, 100);
    }

    [Theory]
    [InlineData("what is known of it stands in both", false)]
    [InlineData("what is known of it stands in both", true)]
    [InlineData("it was replaced within the second", false)]
    public async Task An_object_that_was_replaced_by_one_that_looks_alike_is_not_taken_for_a_node(string how, bool heedsIfMatch)
    {
        var served = Server.Serve(Bytes);
        (served.HeedsIfMatch, served.ETag) = (heedsIfMatch, "\"first\"");
        if (how.Contains("second", StringComparison.Ordinal)) served.LastModified = DateTimeOffset.UtcNow;
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 20_000, 100);
        // The same length, and the same bytes wherever the reader has been.
        var other = RandomBytes(2);
        Bytes.AsSpan(0, 40_000).CopyTo(other);
        (served.Bytes, served.ETag) = (other, "\"second\"");
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
        Assert.InRange(served.Asked.Count, 3, 40);
    }

    [Fact]
    public async Task A_node_that_still_has_another_object_is_told_from_one_with_another_tag()
    {
        var served = Server.Serve(Bytes);
        var (old, other) = (Bytes, RandomBytes(2));
        served.HeedsIfMatch = false;
        served.NodeTag = number =>
        {
            served.Bytes = number % 2 == 1 ? old : other;
            return number % 2 == 1 ? "\"old\"" : "\"new\"";
        };
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
    }

    [Fact]
    public async Task A_server_that_invents_a_tag_for_each_answer_is_not_asked_for_ever()
    {
        var served = Server.Serve(Bytes);
        (served.NodeTag, served.HeedsIfMatch) = (number => $"\"{number}\"", false);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
        Assert.InRange(served.Asked.Count, 3, 40);
    }

    [Fact]
    public async Task A_refused_demand_followed_by_an_answer_without_a_name_is_a_replaced_object()
    {
        var served = Server.Serve(Bytes);
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        (served.ETag, served.Bytes) = (null, RandomBytes(2));
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
    }

    [Fact]
    public async Task A_tag_without_quotes_tells_a_replaced_object_too()
    {
        var served = Server.Serve(Bytes);
        served.ETag = "first";
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        await source.AssertReadsAsync(Bytes, 20_000, 100);
        (served.ETag, served.Bytes) = ("second", RandomBytes(2));
        await SourceReads.FailAsync(() => source.ReadAsync(50_000, new byte[10], Token).AsTask(), SlideSourceFailure.Changed);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task What_cannot_be_read_is_said_in_one_sentence(bool guarded)
    {
        using var http = new SlideHttp(OutboundOptions.Of(["127.0.0.1"]));
        var options = Options with { HttpClient = guarded ? http.Options.HttpClient : null };
        byte[] gzip = [0x1F, 0x8B, 8, 0, .. new byte[5000]];
        foreach (var (bytes, wholeBody, header, value, said) in new[]
        {
            (gzip, true, "Content-Encoding", "gzip", "sends the slide compressed (Content-Encoding: gzip)"),
            (gzip, false, "Content-Encoding", "gzip", "sends the slide compressed (Content-Encoding: gzip)"),
            (Bytes, false, "Content-Encoding", "br", "sends the slide compressed (Content-Encoding: br)"),
            (Bytes, false, "Content-Type", "multipart/byteranges; boundary=x", "answered one range in several parts"),
            (Bytes, false, "Content-Range", "", "answered 206 without the range"),
            (Bytes, false, "Content-Range", "bytes 5-9/100000", "with a range that was not requested"),
        })
        {
            var served = Server.Serve(bytes);
            served.IgnoresRange = wholeBody;
            served.Changes = response => response.Headers[header] = value;
            var failure = await SourceReads.FailAsync(() => HttpSource.OpenAsync(served.Url, options, Token), SlideSourceFailure.Server);
            Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("aws-chunked")]
    [InlineData("utf-8")]
    [InlineData("gzip")] // A word that an uploader wrote: the bytes are no gzip.
    public async Task A_word_of_the_uploader_does_not_make_a_slide_packed(string encoding)
    {
        var served = Server.Serve(Bytes);
        served.Changes = response => response.Headers.ContentEncoding = encoding;
        await AssertCopiesAsync(served);
        served.IgnoresRange = true;
        await AssertCopiesAsync(served);
    }

    [Fact]
    public async Task A_whole_body_in_chunks_is_downloaded()
    {
        var served = Server.Serve(Bytes);
        served.IgnoresRange = true;
        served.Changes = response => response.ContentLength = null;
        await AssertCopiesAsync(served);
    }

    static async Task AssertCopiesAsync(ServedObject served)
    {
        await using var source = await HttpSource.OpenAsync(served.Url, Options, Token);
        using var copy = new MemoryStream();
        await source.CopyToAsync(copy, Token);
        Assert.True(copy.ToArray().AsSpan().SequenceEqual(Bytes));
    }

    static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[100_000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
