using System.Globalization;
using System.Text.RegularExpressions;

namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>A sentence with measures in braces: <c>{tumour.share:0.0%} of the tissue</c>. The text after the colon is a .NET numeric format.</summary>
static partial class MeasureText
{
    /// <summary>Why a sentence is invalid; null if it is valid.</summary>
    public static string? Problem(string text, ModelKind kind, IReadOnlyList<ModelLabel> labels)
    {
        foreach (Match match in Braces().Matches(text))
        {
            if (Measures.Problem(match.Groups["measure"].Value, kind, labels) is { } problem) return problem;
            try
            {
                _ = 1.5.ToString(match.Groups["format"].Value, CultureInfo.InvariantCulture);
            }
            catch (FormatException)
            {
                return $"has an invalid numeric format: {match.Groups["format"].Value}";
            }
        }
        return Braces().Replace(text, "").AsSpan().IndexOfAny('{', '}') >= 0 ? "has an unmatched brace; write {label.measure} or {label.measure:0.0%}" : null;
    }

    /// <summary>The sentence with its numbers; an unknown one, such as an area on a slide without a resolution, is <c>?</c>.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, double> measures) => Braces().Replace(text, match =>
        measures.TryGetValue(match.Groups["measure"].Value, out var value)
            ? value.ToString(match.Groups["format"] is { Length: > 0 } format ? format.Value : "0.###", CultureInfo.InvariantCulture)
            : "?");

    [GeneratedRegex(@"\{(?<measure>[^{}:]+)(:(?<format>[^{}]+))?\}")]
    private static partial Regex Braces();
}
