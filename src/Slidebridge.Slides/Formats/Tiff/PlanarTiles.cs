using System.Buffers;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Tiles whose colours are stored in planes: each plane's tile is decoded as grey, then they are interleaved.</summary>
/// <param name="planes">Three or four grey pictures of one grid.</param>
/// <param name="color">What the planes together mean.</param>
sealed class PlanarTiles(IReadOnlyList<TileSource> planes, StoredColor color) : TileSource(planes[0].Level)
{
    public override int MaxReduction => planes.Min(plane => plane.MaxReduction);

    public override bool IsDoubtfulWithoutTiles => planes[0].IsDoubtfulWithoutTiles;

    public override async ValueTask ExamineAsync(CancellationToken cancellationToken)
    {
        foreach (var plane in planes) await plane.ExamineAsync(cancellationToken);
    }

    public override long PrefetchBytes => planes[0].PrefetchBytes;

    public override void CheckDecodable()
    {
        foreach (var plane in planes) plane.CheckDecodable();
    }

    /// <summary>A tile counts as stored only if all planes store it: without one of them its colours would be wrong.</summary>
    public override async ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        foreach (var plane in planes)
            if (!await plane.IsStoredAsync(tile, cancellationToken)) return false;
        return true;
    }

    /// <summary>The sum over all planes.</summary>
    public override async ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        long bytes = 0;
        foreach (var plane in planes) bytes += await plane.EncodedBytesAsync(tile, cancellationToken);
        return bytes;
    }

    public override async ValueTask PrefetchAsync(IReadOnlyList<TilePosition> tiles, CancellationToken cancellationToken)
    {
        var room = PrefetchBytes;
        var fitting = new List<TilePosition>();
        foreach (var tile in tiles)
        {
            if ((room -= await EncodedBytesAsync(tile, cancellationToken)) < 0) break;
            fitting.Add(tile);
        }
        await Task.WhenAll(planes.Select(plane => plane.PrefetchAsync(fitting, cancellationToken).AsTask()));
    }

    public override async ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (!await IsStoredAsync(tile, cancellationToken))
        {
            target.FillBackground();
            return;
        }
        int samples = planes.Count, pixels = checked(target.Width * target.Height);
        var gray = ArrayPool<byte>.Shared.Rent(checked(pixels * 3));
        var together = ArrayPool<byte>.Shared.Rent(checked(pixels * samples));
        try
        {
            for (var plane = 0; plane < samples; plane++)
            {
                await planes[plane].DecodeAsync(tile, reduction, new PixelTarget(gray, target.Width * 3, target.Width, target.Height, PixelFormat.Rgb24), cancellationToken);
                for (int from = 0, to = plane; from < pixels * 3; from += 3, to += samples) together[to] = gray[from];
            }
            for (var y = 0; y < target.Height; y++)
                SamplePixels.Convert(together.AsSpan(y * target.Width * samples, target.Width * samples), samples, color, target.Row(y), target.Format);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gray);
            ArrayPool<byte>.Shared.Return(together);
        }
    }
}
