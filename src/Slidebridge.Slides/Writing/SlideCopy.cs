using System.Buffers;

namespace Slidebridge.Slides.Writing;

/// <summary>Copies a slide to a writer.</summary>
public static class SlideCopy
{
    // Two bands are in memory: one is read while the other is encoded.
    const long MostBandBytes = 96L * 1024 * 1024;

    const int FewestRows = 16;

    /// <summary>Reads a level from top to bottom and passes it to a writer of the same size, in memory for two bands of rows, for any height.</summary>
    /// <param name="slide">The source; it stays open.</param>
    /// <param name="writer">The destination. The copy finishes it, but does not dispose it.</param>
    /// <param name="level">The level that becomes the copy's level 0.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    /// <exception cref="ArgumentException">The writer's size is not the level's.</exception>
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
            throw new ArgumentException($"The level is {from.Width}×{from.Height} pixels; the writer expects {writer.Width}×{writer.Height}.", nameof(writer));
        var rowBytes = from.Width * 3;
        // One row of stored tiles at a time, so that no tile is decoded twice.
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
            // The position of the level's own row: multiplied by the downsample and rounded to the nearest.
            if (count > 0) await slide.ReadLevelAsync(level, 0, y, from.Width, count, pixels, cancellationToken);
            return count;
        }
    }
}
