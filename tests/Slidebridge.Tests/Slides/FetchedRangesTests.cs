using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>The list of fetched bytes says neither less nor more than what arrived.</summary>
public sealed class FetchedRangesTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Random_ranges_merge_to_what_a_bitmap_says()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var length = random.Next(1, 3000);
            var (ledger, bitmap) = (new FetchedRanges(), new bool[length]);
            for (var i = random.Next(700); i >= 0; i--)
            {
                var offset = random.Next(length);
                // Some reach beyond the end, as a request may.
                var count = random.Next(0, random.Next(1, 40));
                ledger.Add(offset, count);
                bitmap.AsSpan(offset, Math.Min(count, length - offset)).Fill(true);
                if (random.Next(50) == 0) Assert.Equal(ByteLog.Ranges(bitmap), ledger.Within(length));
            }
            Assert.Equal(ByteLog.Ranges(bitmap), ledger.Within(length));
        }
    }

    [Fact]
    public void Parts_of_a_range_inside_and_outside_of_a_list_make_up_the_range()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var flags = Enumerable.Range(0, 300).Select(_ => random.Next(3) == 0).ToArray();
            var merged = ByteLog.Ranges(flags);
            var range = new ByteRange(random.Next(200), random.Next(1, 100));
            var asked = ByteLog.Of([range], flags.Length);
            Assert.Equal(ByteLog.Ranges([.. flags.Zip(asked, (flag, inside) => flag && inside)]), ByteRanges.Within(merged, range));
            Assert.Equal(ByteLog.Ranges([.. flags.Zip(asked, (flag, inside) => !flag && inside)]), ByteRanges.Outside(merged, range));
            Assert.Equal(ByteRanges.Within(merged, range).Any(), ByteRanges.Touches(merged, range));
        }
    }

    [Fact]
    public void The_last_bytes_of_an_object_count_before_its_length_is_known()
    {
        var ledger = new FetchedRanges();
        ledger.AddLast(1);
        ledger.Add(0, long.MaxValue);
        Assert.Equal([new ByteRange(0, 50)], ledger.Within(50));
        Assert.Equal([new ByteRange(0, 50)], new[] { ledger.Within(50) }[0]);
    }

    [Fact]
    public async Task A_file_says_what_was_read_of_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a");
        await File.WriteAllBytesAsync(path, new byte[1000], Token);
        await using var source = FileSource.Open(path);
        Assert.Empty(source.Fetched);
        foreach (var offset in new[] { 500, 100, 110, 990 }) await source.ReadAsync(offset, new byte[10], Token);
        Assert.Equal([new ByteRange(100, 20), new ByteRange(500, 10), new ByteRange(990, 10)], source.Fetched);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Answers_that_break_off_or_hide_the_length_are_counted_too(bool hidesLength, bool knowsSuffixes)
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(new byte[100_000]);
        served.HidesLength = hidesLength;
        served.KnowsSuffixes = knowsSuffixes;
        served.CutAfter = number => number % 3 == 2 ? 700 : null;
        served.Status = number => number == 5 ? 503 : 0;
        var options = new SlideOptions { BlockSize = 1024, Cache = new BlockCache(64 * 1024), RetryDelay = TimeSpan.FromMilliseconds(1), MinBytesPerSecond = 0 };
        await using var source = await HttpSource.OpenAsync(served.Url, options, Token);
        for (var offset = 5000; offset < 90_000; offset += 9000) await source.ReadAsync(offset, new byte[2500], Token);
        Assert.Equal(ByteLog.Ranges(ByteLog.Of(served)), source.Fetched);
    }

    [Fact]
    public async Task A_server_that_ignores_Range_sends_everything_and_the_list_says_so()
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(AperioSlide.Build(picture => picture.Page(TiffPacking.Jpeg)));
        served.IgnoresRange = true;
        await using var slide = await Slide.OpenAsync(served.Url, new SlideOptions { WithholdLabels = true }, Token);
        var (number, length, version, fetched) = Assert.Single(slide.Objects);
        Assert.Equal((1, (long)served.Bytes.Length), (number, length));
        Assert.Null(version);
        Assert.Equal([new ByteRange(0, length)], fetched);
    }
}
