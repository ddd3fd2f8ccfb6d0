using System.Globalization;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// The <c>|key = value</c> pairs that Aperio's software writes after the first words of an ImageDescription. Motic's software and
/// programs that crop Aperio slides write them too.
/// </summary>
/// <remarks>Aperio, "Digital Slides and Third-Party Data Interchange", MAN-0069.</remarks>
sealed class ScannerDescription(string description)
{
    /// <summary>The pairs in order; equal keys are both kept.</summary>
    public IReadOnlyList<(string Key, string Value)> Pairs { get; } =
    [
        .. from part in description.Split('|').Skip(1)
           let sign = part.IndexOf('=', StringComparison.Ordinal)
           where sign > 0
           select (part[..sign].Trim(), part[(sign + 1)..].Trim()),
    ];

    /// <summary>Micrometres per pixel; null if not stated, or impossible.</summary>
    public MicronsPerPixel? Mpp
    {
        get
        {
            if (Value("MPP") is not { } text || ParseNumber(text, out var unit) is not { } number) return null;
            return MicronsOf(unit) is { } microns ? MicronsPerPixel.IfPlausible(number * microns, number * microns) : null;
        }
    }

    /// <summary>The objective's magnification.</summary>
    public double? ObjectivePower => Number("AppMag") is > 0 and var power ? power : null;

    /// <summary>The focus position of this picture, in micrometres.</summary>
    public double? OffsetZ => Number("OffsetZ");

    // A number with an unknown unit is ignored: 4 px/µm is 0.25 µm/px.
    static double? MicronsOf(ReadOnlySpan<char> unit)
    {
        var letters = 0;
        while (letters < unit.Length && char.IsLetter(unit[letters])) letters++;
        return unit[..letters].ToString().ToLowerInvariant() switch
        {
            "" or "µm" or "μm" or "um" or "âµm" or "mpp" or "micron" or "microns" or "micrometer" or "micrometers" or "micrometre" or "micrometres" => 1,
            "nm" or "nanometer" or "nanometers" or "nanometre" or "nanometres" => 0.001,
            "mm" or "millimeter" or "millimeters" or "millimetre" or "millimetres" => 1000,
            _ => null,
        };
    }

    double? Number(string key) => Value(key) is { } text ? ParseNumber(text) : null;

    string? Value(string key) => Pairs.FirstOrDefault(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>A number as scanners write it: with a decimal point or comma, an exponent, and a unit after it; null for anything else.</summary>
    public static double? ParseNumber(string text) => ParseNumber(text, out _);

    static double? ParseNumber(string text, out ReadOnlySpan<char> unit)
    {
        var number = text.AsSpan().Trim();
        var end = 0;
        while (end < number.Length && (char.IsAsciiDigit(number[end]) || number[end] is '.' or ',' or '+' or '-' or 'e' or 'E')) end++;
        // In "0.25 e-prep", "0.25e" is not an exponent.
        var numeric = number[..end].TrimEnd("eE+-");
        unit = number[end..].TrimStart();
        return double.TryParse(numeric.ToString().Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
    }
}
