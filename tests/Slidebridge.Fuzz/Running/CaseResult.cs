using System.Globalization;

namespace Slidebridge.Fuzz.Running;

/// <summary>How far a case came.</summary>
enum CaseOutcome
{
    /// <summary>Not opened: the slide was refused.</summary>
    Refused,

    /// <summary>Opened, and some reads were refused.</summary>
    Damaged,

    /// <summary>Opened, and everything was read.</summary>
    Read,

    /// <summary>Something came out that must not.</summary>
    Finding,
}

/// <summary>What a worker tells of a case, in one line.</summary>
/// <param name="Outcome">How far it came.</param>
/// <param name="Milliseconds">Opening and all reads.</param>
/// <param name="Allocated">Bytes of managed memory.</param>
/// <param name="Peak">Bytes of resident memory that the worker had at most so far, above what it had when its seeds were read.</param>
/// <param name="Formats">Reads refused with <see cref="Slidebridge.Slides.SlideFormatException"/>.</param>
/// <param name="Sources">Reads refused with <see cref="Slidebridge.Slides.SlideSourceException"/>.</param>
/// <param name="Arguments">Grids that cannot be laid on the slide.</param>
/// <param name="Detail">Of a finding: what was done, and what came out.</param>
sealed record CaseResult(CaseOutcome Outcome, double Milliseconds, long Allocated, long Peak, int Formats, int Sources, int Arguments, string Detail = "")
{
    // A native library may write to the same output.
    const string Mark = "case|";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Mark}{Outcome}|{Milliseconds:0.###}|{Allocated}|{Peak}|{Formats}|{Sources}|{Arguments}|{Uri.EscapeDataString(Detail)}");

    public static CaseResult? Parse(string line)
    {
        var at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0 || line[(at + Mark.Length)..].Split('|') is not { Length: 8 } parts) return null;
        long Number(int i) => long.Parse(parts[i], CultureInfo.InvariantCulture);
        return new CaseResult(Enum.Parse<CaseOutcome>(parts[0]), double.Parse(parts[1], CultureInfo.InvariantCulture), Number(2), Number(3), (int)Number(4), (int)Number(5), (int)Number(6), Uri.UnescapeDataString(parts[7]));
    }
}
