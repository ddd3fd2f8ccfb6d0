using System.Diagnostics.CodeAnalysis;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Decides what the samples of a picture mean if its container and its encoded tiles contradict each other
/// (docs/decisions/stored-colors.md):
/// 1. tiles from all parts of the picture are decoded in both ways, as RGB and as YCbCr;
/// 2. glass is bright and grey: if one way shows clearly more such pixels, that way is right;
/// 3. without glass, the stream's own statement is used if there is one (JFIF, Adobe, subsampled chroma);
/// 4. otherwise, if the samples read as YCbCr leave the range of colours, they are RGB;
/// 5. otherwise the container's statement is used. In every case, a contradiction is a warning. So is chroma that the container declares as shared and that is not.
/// </summary>
/// <param name="tiles">The picture.</param>
/// <param name="name">The picture's name in messages.</param>
/// <param name="warnings">Receives a warning about the contradiction.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose if its wait handle is never used; late readers may still wait for it.")]
sealed class ColorJudge(StoredTileSource tiles, string name, SlideWarnings warnings)
{
    // Glass of a bright-field slide: pixels above 200 of 255 whose channels differ by at most a tenth.
    const int Bright = 200, Neutral = 24;

    // Enough pixels that it cannot be an accident; and clearly more than in the other way.
    const double Enough = 0.02, Clearly = 4;

    // Lossy coding leaves the range by a few steps; a wrong colour model by tens.
    const int OutOfRange = 24;
    const double Many = 0.05;

    // Maximum pixels of a reduced tile that are checked: two pictures of this size are in memory at a time.
    const long MostPixels = 4L * 1024 * 1024;

    readonly SemaphoreSlim turn = new(1);
    StoredColor judged;

    /// <summary>Rgb or YCbCr.</summary>
    /// <param name="described">What the container says: Rgb or YCbCr.</param>
    /// <param name="stated">What the tile says.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async ValueTask<StoredColor> JudgeAsync(StoredTile described, StatedColor stated, CancellationToken cancellationToken)
    {
        if (judged != StoredColor.Unknown) return judged; // Called for every tile of a doubtful picture; only the first calls have to wait.
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
        // No tile can be decoded; reading the tile reports that.
        if (pixels == 0 && stated.Color == StoredColor.Unknown) return container;
        var (own, others) = container == StoredColor.Rgb ? (asRgb.Glass, asYCbCr.Glass) : (asYCbCr.Glass, asRgb.Glass);
        var (color, why) =
            own >= Enough && own >= Clearly * others ? (container, "because its background is then grey or white")
            : others >= Enough && others >= Clearly * own ? (other, "because its background is then grey or white")
            : stated.Color != StoredColor.Unknown ? (stated.Color, "as its encoded tiles say")
            : asYCbCr.OutOfRange >= Many ? (StoredColor.Rgb, "because it has impossible colours if it is read as YCbCr")
            : (container, Undecided);
        if (color != container || stated.Color != StoredColor.Unknown || why == Undecided || described.IsSubsampled is true)
            warnings.Add(WarningCode.ColorsContradict,
                $"{name}: the container states that its pixels are {container}{(described.IsSubsampled is true ? " and share their chroma" : "")}, but its encoded tiles {(stated.Color == StoredColor.Unknown ? "do not agree" : $"state {stated.Color}")}; it is shown as {color}, {why}.");
        return color;
    }

    const string Undecided = "as the container states, because its pixels do not decide it";

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
                return false; // A damaged tile decides nothing; the other tiles still can.
            }
        }
    }

    // The corners, where glass is likely, and a grid of nine tiles.
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

    // ITU-R BT.601, as in JFIF 1.02.
    static bool LeavesRange(int y, int cb, int cr)
    {
        double red = y + 1.402 * cr, green = y - 0.344136 * cb - 0.714136 * cr, blue = y + 1.772 * cb;
        return Math.Min(red, Math.Min(green, blue)) < -OutOfRange || Math.Max(red, Math.Max(green, blue)) > 255 + OutOfRange;
    }
}
