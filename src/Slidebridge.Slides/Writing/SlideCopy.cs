using System.Buffers;

namespace Slidebridge.Slides.Writing;

/// <summary>Writes one slide as another.</summary>
public static class SlideCopy
{
    // Two bands are in memory: one that is read while the other is encoded.
    const long MostBandBytes = 96L * 1024 * 1024;

    const int FewestRows = 16;

    /// <summary>Reads a level from top to bottom and hands it to a writer of the same size, in memory of two bands whatever the height.</summary>
    /// <param name="slide">Stays open.</param>
    /// <param name="writer">Is finished, not disposed.</param>
    /// <param name="level">The level that becomes the copy's level 0.</param>
    /// <param name="progress">0 to 1.</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    /// <exception cref="ArgumentException">The writer is of another size than the level.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task CopyToAsync(this Slide slide, ISlideWriter writer, int level = 0, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slide);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, slide.Levels.Count);
        var from = slide.Levels[level];
        if ((from.Width, from.Height) != (writer.Width, writer.Height))
            throw new ArgumentException($"The level is {from.Width}×{from.Height} pixels; the writer takes {writer.Width}×{writer.Height}.", nameof(writer));
        var rowBytes = from.Width * 3;
        // A row of stored tiles at a time, so that none is decoded twice.
        var rows = (int)Math.Min(from.TileHeight, Math.Max(FewestRows, MostBandBytes / rowBytes));
        byte[] band = ArrayPool<byte>.Shared.Rent(rowBytes * rows), next = ArrayPool<byte>.Shared.Rent(rowBytes * rows);
        Task<int> reading = Task.FromResult(0);
        try
        {
            reading = ReadAsync(0, next);
            for (var y = 0; y < from.Height;)
            {
                var count = await reading;
                (band, next) = (next, band);
                reading = ReadAsync(y + count, next);
                await writer.WriteRowsAsync(band.AsMemory(0, count * rowBytes), cancellationToken);
                y += count;
                progress?.Report(y / (double)from.Height);
            }
            await writer.FinishAsync(cancellationToken);
        }
        finally
        {
            await ((Task)reading).ContinueWith(static _ => { }, TaskScheduler.Default);
            ArrayPool<byte>.Shared.Return(band);
            ArrayPool<byte>.Shared.Return(next);
        }

        async Task<int> ReadAsync(int y, byte[] pixels)
        {
            var count = Math.Min(rows, from.Height - y);
            // The level's own rows: by the downsample, of which each row is the nearest.
            if (count > 0) await slide.ReadLevelAsync(level, 0, y, from.Width, count, pixels, cancellationToken);
            return count;
        }
    }
}
