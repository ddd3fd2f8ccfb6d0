namespace Slidebridge.Classifiers.Catalog;

/// <summary>Compares names of stains as laboratories write them: <c>Ki-67</c>, <c>ki67</c> and <c>Ki 67 (MIB-1)</c>, <c>H&amp;E</c> and <c>HE</c> are the same stain.</summary>
static class StainName
{
    /// <summary>What separates two names of one stain, as in <c>Ki-67 (MIB-1)</c>.</summary>
    static readonly char[] Separators = ['(', ')', '[', ']', ',', ';'];

    /// <summary>Whether a stain's text has a name: as a whole, or as one of the names that brackets, commas or semicolons separate. Only letters and digits are compared, ignoring case.</summary>
    public static bool Names(string text, string name) =>
        Plain(name) is { Length: > 0 } wanted && (Plain(text) == wanted || text.Split(Separators).Any(part => Plain(part) == wanted));

    static string Plain(string text) => new([.. text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}
