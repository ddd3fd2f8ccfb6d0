using System.Text.Json.Serialization;

namespace Slidebridge.Comparison;

/// <summary>What two results say of one scan.</summary>
/// <param name="ScanId">The scan; null: all scans together.</param>
/// <param name="Classes">Each class that one of the results has, by name.</param>
/// <param name="All">All classes together.</param>
sealed record ScanComparison(
    [property: JsonPropertyName("scanId")] string? ScanId,
    [property: JsonPropertyName("classes")] IReadOnlyList<ClassComparison> Classes,
    [property: JsonPropertyName("all")] ClassComparison All);

/// <summary>The comparison of two results.</summary>
/// <param name="A">The name of the first result.</param>
/// <param name="B">The name of the second result.</param>
/// <param name="IsTruth">The first result is the truth; else the two are before and after.</param>
/// <param name="Iou">The least IoU of two polygons that match.</param>
/// <param name="WithinPixels">The largest distance of two points that match, level-0 pixels.</param>
/// <param name="WithinMicrons">The same in µm; null if the resolution is not known.</param>
/// <param name="Scans">Each scan that one of the results has.</param>
/// <param name="All">All scans together.</param>
sealed record ResultComparison(
    [property: JsonPropertyName("a")] string A,
    [property: JsonPropertyName("b")] string B,
    [property: JsonPropertyName("isTruth")] bool IsTruth,
    [property: JsonPropertyName("iou")] double Iou,
    [property: JsonPropertyName("withinPixels")] double WithinPixels,
    [property: JsonPropertyName("withinMicrons")] double? WithinMicrons,
    [property: JsonPropertyName("scans")] IReadOnlyList<ScanComparison> Scans,
    [property: JsonPropertyName("all")] ScanComparison All)
{
    /// <summary>The row of all classes.</summary>
    public const string AllClasses = "all classes";

    /// <summary>Compares the objects of each scan, one scan after the other, so that only one scan's objects are in memory.</summary>
    /// <param name="a">The first result.</param>
    /// <param name="b">The second result.</param>
    /// <param name="options">When two objects match.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ComparisonException">A scan exceeds a limit.</exception>
    public static IReadOnlyList<ScanComparison> Of(ComparedResult a, ComparedResult b, MatchingOptions options, CancellationToken cancellationToken) =>
        [.. a.ScanIds.Union(b.ScanIds).Select(scanId => Compare(scanId, a, b, options, cancellationToken))];

    /// <summary>All scans together.</summary>
    public static ScanComparison Sum(IReadOnlyList<ScanComparison> scans) => Over(null, [.. scans.SelectMany(scan => scan.Classes)
        .GroupBy(each => each.Name, StringComparer.Ordinal).Select(group => ClassComparison.Sum(group.Key, [.. group])).OrderBy(each => each.Name, StringComparer.Ordinal)]);

    static ScanComparison Compare(string scanId, ComparedResult a, ComparedResult b, MatchingOptions options, CancellationToken cancellationToken)
    {
        var (ofA, ofB) = (a.Shapes(scanId, cancellationToken), b.Shapes(scanId, cancellationToken));
        var none = new ClassShapes();
        return Over(scanId, [.. ofA.Classes.Keys.Union(ofB.Classes.Keys).Order(StringComparer.Ordinal)
            .Select(name => ClassComparison.Of(name, ofA.Classes.GetValueOrDefault(name, none), ofB.Classes.GetValueOrDefault(name, none), options, cancellationToken))]);
    }

    static ScanComparison Over(string? scanId, ClassComparison[] classes) => new(scanId, classes, ClassComparison.Sum(AllClasses, classes));
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ResultComparison))]
sealed partial class ComparisonJson : JsonSerializerContext;
