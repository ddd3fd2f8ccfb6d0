using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// The middle of a remote pyramid's chain of directories, passed over when the slide is opened: a chain leads from one to the next, so each would be a round trip.
/// 1. The sizes of the levels before and behind the gap, each half of the last, tell which levels lie in it;
/// 2. nothing is shown of a level in or behind the gap before the chain was followed through it, and is what was expected.
/// </summary>
/// <param name="reader">The slide.</param>
/// <param name="first">Where the first directory of the gap is.</param>
/// <param name="count">How many there are.</param>
/// <param name="behind">Where the directory behind the last one is.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose; late readers may still wait for it.")]
sealed class TiffGap(TiffReader reader, long first, int count, long behind)
{
    readonly SemaphoreSlim turn = new(1);
    IReadOnlyList<TiffDirectory>? directories;

    /// <summary>The directories behind level 1's: those of the gap, and the last ones of the chain. None where the levels leave a doubt which there are.</summary>
    /// <param name="full">Level 0.</param>
    /// <param name="half">Level 1.</param>
    /// <param name="next">Where the directory behind level 1's is.</param>
    /// <param name="tail">The last directories of the chain.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IReadOnlyList<TiffDirectory>> PassOverAsync(TiffDirectory full, TiffDirectory half, long next, IReadOnlyList<TiffDirectory> tail, CancellationToken cancellationToken)
    {
        if (tail.Count < 2 || tail.Any(each => each.Offset == next)) return [];
        // All smaller levels together are a third of level 1. Where more follows, there is another picture in the file.
        if (half.Reader.Source.Length - half.Offset > half.Offset - full.Offset) return [];
        var sizes = new List<(long Width, long Height)>();
        foreach (var each in new[] { full, half }.Concat(tail))
        {
            if (!await IsLikeAsync(each, half, cancellationToken)) return [];
            sizes.Add((await each.IntegerAsync(TiffTag.ImageWidth, cancellationToken) ?? 0, await each.IntegerAsync(TiffTag.ImageLength, cancellationToken) ?? 0));
        }
        for (var i = 1; i < sizes.Count; i++)
            if (i != 2 && Half(sizes[i - 1]) != sizes[i]) return [];
        var missing = new List<(long Width, long Height)>();
        for (var size = Half(sizes[1]); size != sizes[2]; size = Half(size))
        {
            if (size.Width <= sizes[2].Width || size.Height <= sizes[2].Height) return [];
            missing.Add(size);
        }
        var gap = new TiffGap(half.Reader, next, missing.Count, tail[0].Offset);
        return
        [
            .. missing.Select((size, index) => half.Like(size.Width, size.Height, async token => (await gap.FollowAsync(token))[index])),
            .. tail.Select(last => last.After(async token => { await gap.FollowAsync(token); return last; })),
        ];
    }

    /// <summary>The slide is not what its other levels let expect.</summary>
    public static SlideFormatException Unexpected(long offset) =>
        new("The slide's middle levels are not halves of each other, as its other levels are. It is damaged, or laid out in a way that is not read over the network: download it and open the file.", offset);

    async Task<IReadOnlyList<TiffDirectory>> FollowAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref directories) is { } known) return known;
        await turn.WaitAsync(cancellationToken);
        try
        {
            var (read, offset) = (new List<TiffDirectory>(), first);
            while (read.Count < count)
            {
                var (directory, next) = await TiffDirectories.ReadAsync(reader, offset, cancellationToken);
                read.Add(directory);
                offset = next;
            }
            return directories = offset == behind ? read : throw Unexpected(first);
        }
        finally
        {
            turn.Release();
        }
    }

    static (long Width, long Height) Half((long Width, long Height) size) => (size.Width / 2, size.Height / 2);

    static async Task<bool> IsLikeAsync(TiffDirectory each, TiffDirectory other, CancellationToken cancellationToken)
    {
        foreach (var tag in new[] { TiffTag.TileWidth, TiffTag.TileLength, TiffTag.Compression, TiffTag.Photometric, TiffTag.SamplesPerPixel, TiffTag.PlanarConfiguration })
            if (await each.IntegerAsync(tag, cancellationToken) != await other.IntegerAsync(tag, cancellationToken)) return false;
        return each.Has(TiffTag.TileWidth) && !each.Has(TiffTag.SubIfds) && !each.Has(TiffTag.StripOffsets) && await each.IntegerAsync(TiffTag.PlanarConfiguration, cancellationToken) != 2;
    }
}
