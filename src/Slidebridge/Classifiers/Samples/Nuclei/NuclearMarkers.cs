using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Immunohistochemical stains that colour the nucleus brown.</summary>
static class NuclearMarkers
{
    /// <summary>The stains' names, in lower case, letters and digits only.</summary>
    public static readonly IReadOnlySet<string> All = new HashSet<string> { "ki67", "mib1", "er", "pr", "ar", "p53", "p63", "p40", "ttf1", "gata3", "sox10", "cdx2", "pax8", "cyclind1", "mcm2", "phh3" };

    /// <summary>Whether the stain's value, code or label names one of them, as <c>Ki-67 (MIB-1)</c> does.</summary>
    public static bool IsNamedBy(Stain? stain) => stain is not null && new[] { stain.Value, stain.Code, stain.Label }.OfType<string>().Any(Names);

    static bool Names(string text)
    {
        var words = new string([.. text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Any(All.Contains) || words.Zip(words.Skip(1), (a, b) => a + b).Any(All.Contains);
    }
}
