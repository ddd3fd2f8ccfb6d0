using System.Globalization;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Writing;

/// <summary>A lossy encoding of the pixels. DICOM keeps one value for each, in order: PS3.3 C.7.6.1.1.5.</summary>
/// <param name="Method">A defined term, such as <c>ISO_10918_1</c> for JPEG.</param>
/// <param name="Ratio">Uncompressed bytes divided by encoded bytes.</param>
public sealed record LossyStep(string Method, double Ratio)
{
    internal const string Jpeg = "ISO_10918_1", Jpeg2000 = "ISO_15444_1";

    // Defined terms are capitals, digits and underscores (CS, PS3.5 §6.2): any other value is not copied.
    const int MostSteps = 8, MostLetters = 16;

    /// <summary>The known lossy encodings of a level's pixels: a DICOM series states them; for other formats only the compression is known.</summary>
    /// <param name="slide">The slide; it stays open.</param>
    /// <param name="level">The level's index.</param>
    /// <param name="cancellationToken">Stops the reading of the tiles' index.</param>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<IReadOnlyList<LossyStep>> FindAsync(Slide slide, int level, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slide);
        if (Told(slide) is { } told) return told;
        var method = slide.Levels[level].Compression switch { "jpeg" => Jpeg, "jpeg2000" when slide.Format != "dicom-wsi" => Jpeg2000, _ => null };
        return method is null ? [] : [new LossyStep(method, await RatioAsync(slide, level, cancellationToken))];
    }

    static List<LossyStep>? Told(Slide slide)
    {
        if (!slide.Properties.TryGetValue("dicom.LossyImageCompressionMethod", out var methods) || !slide.Properties.TryGetValue("dicom.LossyImageCompressionRatio", out var ratios)) return null;
        var (names, values) = (methods.Split('\\', StringSplitOptions.TrimEntries), ratios.Split('\\', StringSplitOptions.TrimEntries));
        if (names.Length != values.Length || names.Length > MostSteps) return null;
        var steps = new List<LossyStep>();
        foreach (var (name, value) in names.Zip(values))
        {
            if (name.Length is 0 or > MostLetters || !name.All(letter => letter == '_' || char.IsAsciiDigit(letter) || char.IsAsciiLetterUpper(letter))) return null;
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) || ratio is not (> 0 and < 1e6)) return null;
            steps.Add(new LossyStep(name, ratio));
        }
        return steps;
    }

    static async Task<double> RatioAsync(Slide slide, int level, CancellationToken cancellationToken)
    {
        var (tiles, stored, count) = (slide.TilesOf(level), 0L, 0L);
        for (var row = 0; row < tiles.Level.Rows; row++)
            for (var column = 0; column < tiles.Level.Columns; column++)
            {
                var bytes = await tiles.EncodedBytesAsync(new TilePosition(column, row), cancellationToken);
                if (bytes == 0) continue;
                stored += bytes;
                count++;
            }
        return stored == 0 ? 1 : (double)count * tiles.Level.TileWidth * tiles.Level.TileHeight * 3 / stored;
    }
}
