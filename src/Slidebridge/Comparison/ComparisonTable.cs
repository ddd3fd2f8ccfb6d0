using System.Globalization;

namespace Slidebridge.Comparison;

/// <summary>A comparison as rows of text, for a terminal and for a page.</summary>
static class ComparisonTable
{
    /// <summary>The headings, without the scan's.</summary>
    public static string[] Headings(bool isTruth) => isTruth
        ? ["class", "truth", "found", "matched", "missed", "extra", "precision", "recall", "F1", "Dice"]
        : ["class", "before", "after", "matched", "only in A", "only in B", "Dice"];

    /// <summary>The rows of a scan: each class, then all classes if there is more than one.</summary>
    public static IEnumerable<string[]> Rows(ScanComparison scan, bool isTruth) =>
        (scan.Classes.Count == 1 ? scan.Classes : [.. scan.Classes, scan.All]).Select(each => Row(each, isTruth));

    static string[] Row(ClassComparison each, bool isTruth) => isTruth
        ? [each.Name, Whole(each.A), Whole(each.B), Whole(each.Matched), Whole(each.OnlyInA), Whole(each.OnlyInB), Part(each.Precision), Part(each.Recall), Part(each.F1), Part(each.Dice)]
        : [each.Name, Whole(each.A), Whole(each.B), Whole(each.Matched), Whole(each.OnlyInA), Whole(each.OnlyInB), Part(each.Dice)];

    /// <summary>When two objects match, and how exact areas are.</summary>
    public static string Rules(ResultComparison comparison) => string.Create(CultureInfo.InvariantCulture,
        $"{Rule(comparison.Iou, comparison.WithinPixels, comparison.WithinMicrons)} Areas are sampled in rows of {comparison.All.All.RowHeight:0.####} pixel{(comparison.All.All.RowHeight > 1 ? "s" : "")}.");

    /// <summary>When two objects match.</summary>
    public static string Rule(double iou, double withinPixels, double? withinMicrons) => string.Create(CultureInfo.InvariantCulture,
        $"Polygons match at IoU {iou:0.###} or more; points within {(withinMicrons is { } microns ? $"{microns:0.###} µm ({withinPixels:0.##} pixels)" : $"{withinPixels:0.###} level-0 pixels")}.");

    static string Whole(long count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Rounded down, so that 1.000 means perfect.</summary>
    static string Part(double? part) => part is not { } number ? "-" : (Math.Floor(number * 1000 + 1e-9) / 1000).ToString("0.000", CultureInfo.InvariantCulture);
}
