using System.Diagnostics.CodeAnalysis;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Decides what the samples of a picture mean where its container and its encoded tiles do not agree
/// (docs/decisions/stored-colors.md):
/// 1. tiles all over the picture are decoded both ways;
/// 2. glass is bright and grey: the way in which clearly more pixels are so is right;
/// 3. without glass the stream's own word counts, where it has one (JFIF, Adobe, subsampled chroma);
/// 4. else samples that lead out of the range of colours, read as YCbCr, are RGB;
/// 5. else the container's word stays. Whatever came of it, a contradiction is a warning. So is chroma that the container says is shared and that is not.
/// </summary>
/// <param name="tiles">The picture.</param>
/// <param name="name">What a message calls it.</param>
/// <param name="warnings">Takes the contradiction.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose; late readers may still wait for it.")]
sealed class ColorJudge(StoredTileSource tiles, string name, SlideWarnings warnings)
{
    // Glass of a bright-field slide: above 200 of 255, its channels within a tenth of that.
    const int Bright = 200, Neutral = 24;

    // Enough to be glass and no accident; clearly more than the other way.
    const double Enough = 0.02, Clearly = 4;

    // Lossy coding leaves the range by a few steps; other colours by tens.
    const int OutOfRange = 24;
    const double Many = 0.05;

    // Pixels of a tile, reduced, that are looked at: two pictures of them are in memory at a time.
    const long MostPixels = 4L * 1024 * 1024;

    readonly SemaphoreSlim turn = new(1);
    StoredColor judged;

    /// <summary>Rgb or YCbCr.</summary>
    /// <param name="described">What the container says: Rgb or YCbCr.</param>
    /// <param name="stated">What the tile says.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    public async ValueTask<StoredColor> JudgeAsync(StoredTile described, StatedColor stated, CancellationToken cancellationToken)
    {
        if (judged != StoredColor.Unknown) return judged; // Every tile of a doubtful picture asks; only the first ones have to wait.
        await turn.WaitAsync(cancellationToken);
        try
        {
            return judged = judged != StoredColor.Unknown ? judged : await DecideAsync(described, stated, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    async ValueTask<StoredColor> DecideAsync(StoredTile described, StatedColor stated, CancellationToken cancellationToken)
    {
        var container = described.Color;
        var other = container == StoredColor.Rgb ? StoredColor.YCbCr : StoredColor.Rgb;
        var (asRgb, asYCbCr, pixels) = await LookAsync(cancellationToken);
        // No tile can be decoded, which is said where it is read.
        if (pixels == 0 && stated.Color == StoredColor.Unknown) return container;
        var (own, others) = container == StoredColor.Rgb ? (asRgb.Glass, asYCbCr.Glass) : (asYCbCr.Glass, asRgb.Glass);
        var (color, why) =
            own >= Enough && own >= Clearly * others ? (container, "for then its background is grey or white")
            : others >= Enough && others >= Clearly * own ? (other, "for then its background is grey or white")
            : stated.Color != StoredColor.Unknown ? (stated.Color, "as its encoded tiles say")
            : asYCbCr.OutOfRange >= Many ? (StoredColor.Rgb, "for read as YCbCr it has colours that do not exist")
            : (container, Undecided);
        if (color != container || stated.Color != StoredColor.Unknown || why == Undecided || described.IsSubsampled is true)
            warnings.Add(WarningCode.ColorsContradict,
                $"{name}: the container says that its pixels are {container}{(described.IsSubsampled is true ? " and share their chroma" : "")}, its encoded tiles {(stated.Color == StoredColor.Unknown ? "do not bear that out" : $"say {stated.Color}")}; it is shown as {color}, {why}.");
        return color;
    }

    const string Undecided = "as the container says, for its pixels do not tell";

    readonly record struct Seen(double Glass, double OutOfRange);

    async ValueTask<(Seen AsRgb, Seen AsYCbCr, long Pixels)> LookAsync(CancellationToken cancellationToken)
    {
        long pixels = 0, glassRgb = 0, glassYCbCr = 0, outOfRange = 0;
        foreach (var tile in Spread())
        {
            var (_, width, height) = tiles.Reduced(tile);
            if ((long)width * height > MostPixels) continue;
            var pool = PicturePool.PixelsOf(checked(width * height * 3));
            byte[] rgb = pool.Rent(width * height * 3), converted = pool.Rent(width * height * 3);
            try
            {
                if (!await DecodeAsync(tile, StoredColor.Rgb, rgb) || !await DecodeAsync(tile, StoredColor.YCbCr, converted)) continue;
                for (var i = 0; i < width * height * 3; i += 3)
                {
                    if (IsGlass(rgb.AsSpan(i, 3))) glassRgb++;
                    if (IsGlass(converted.AsSpan(i, 3))) glassYCbCr++;
                    if (LeavesRange(rgb[i], rgb[i + 1] - 128, rgb[i + 2] - 128)) outOfRange++;
                }
                pixels += width * height;
            }
            finally
            {
                pool.Return(rgb);
                pool.Return(converted);
            }
        }
        double all = Math.Max(1, pixels);
        return (new(glassRgb / all, 0), new(glassYCbCr / all, outOfRange / all), pixels);

        async ValueTask<bool> DecodeAsync(TilePosition tile, StoredColor color, byte[] to)
        {
            var (reduction, width, height) = tiles.Reduced(tile);
            try
            {
                return await tiles.TryDecodeAsync(tile, color, reduction, new PixelTarget(to, width * 3, width, height, PixelFormat.Rgb24), cancellationToken);
            }
            catch (SlideFormatException)
            {
                return false; // A damaged tile says nothing, and is no reason to refuse the others.
            }
        }
    }

    // Corners, where glass is, and a grid of nine.
    IEnumerable<TilePosition> Spread()
    {
        var (columns, rows) = (tiles.Level.Columns, tiles.Level.Rows);
        int[] sixths = [0, 1, 3, 5, 6];
        return sixths.SelectMany(x => sixths.Select(y => (x, y)))
            .Where(place => (place.x is 0 or 6) == (place.y is 0 or 6))
            .Select(place => new TilePosition((int)Math.Min(columns - 1L, (long)columns * place.x / 6), (int)Math.Min(rows - 1L, (long)rows * place.y / 6)))
            .Distinct();
    }

    static bool IsGlass(ReadOnlySpan<byte> pixel)
    {
        int least = Math.Min(pixel[0], Math.Min(pixel[1], pixel[2])), most = Math.Max(pixel[0], Math.Max(pixel[1], pixel[2]));
        return least >= Bright && most - least <= Neutral;
    }

    // ITU-R BT.601, as JFIF 1.02 has it.
    static bool LeavesRange(int y, int cb, int cr)
    {
        double red = y + 1.402 * cr, green = y - 0.344136 * cb - 0.714136 * cr, blue = y + 1.772 * cb;
        return Math.Min(red, Math.Min(green, blue)) < -OutOfRange || Math.Max(red, Math.Max(green, blue)) > 255 + OutOfRange;
    }
}
