using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>Which bytes of an object were fetched, by its server's own log: one flag for each byte.</summary>
static class ByteLog
{
    public static bool[] Of(ServedObject served)
    {
        var fetched = new bool[served.Bytes.Length];
        foreach (var asked in served.Asked)
        {
            var range = asked["GET bytes=".Length..].Split('-');
            var (from, to) = range[0].Length == 0 ? (fetched.Length - long.Parse(range[1]), fetched.Length - 1L) : (long.Parse(range[0]), Math.Min(long.Parse(range[1]), fetched.Length - 1L));
            for (var i = from; i <= to; i++) fetched[i] = true;
        }
        return fetched;
    }

    public static bool[] Of(IEnumerable<ByteRange> ranges, int length)
    {
        var fetched = new bool[length];
        foreach (var range in ranges) fetched.AsSpan((int)range.Offset, (int)range.Length).Fill(true);
        return fetched;
    }

    /// <summary>The sorted ranges that neither overlap nor touch.</summary>
    public static List<ByteRange> Ranges(bool[] flags)
    {
        var ranges = new List<ByteRange>();
        for (var i = 0; i < flags.Length; i++)
            if (flags[i] && (i == 0 || !flags[i - 1]))
                ranges.Add(new ByteRange(i, Array.IndexOf(flags, false, i) is >= 0 and var end ? end - i : flags.Length - i));
        return ranges;
    }

    public static List<ByteRange> Merged(IEnumerable<ByteRange> ranges, int length) => Ranges(Of(ranges, length));

    /// <summary>Asserts that the server was never asked for a byte of the ranges, and that the slide's own list is the server's.</summary>
    public static void AssertNeverAsked(ServedObject served, Slide slide, IEnumerable<ByteRange> ranges, int number = 1)
    {
        var log = Of(served);
        Assert.All(ranges, range => Assert.DoesNotContain(true, log.AsSpan((int)range.Offset, (int)range.Length).ToArray()));
        Assert.Equal(Ranges(log), slide.Objects[number - 1].Fetched);
    }
}
