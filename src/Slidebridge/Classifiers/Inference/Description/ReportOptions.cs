namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>What is reported of a scan; each part is there or null.</summary>
sealed record ReportOptions(
    IReadOnlyList<HeatmapOptions> Heatmaps, PolygonOptions? Polygons, MarkOptions? Points, MarkOptions? Boxes, bool Counts, string? Summary, bool Qc, WorkflowOptions? Workflow,
    IReadOnlyList<TriageRule> Triage);

/// <summary>A heatmap of a label: coloured regions, the higher within the lower.</summary>
/// <param name="Label">The label's number.</param>
/// <param name="Annotation">Its annotation type.</param>
/// <param name="Levels">From the lowest on.</param>
sealed record HeatmapOptions(int Label, string Annotation, IReadOnlyList<HeatLevel> Levels);

/// <summary>What is at or above a value has this colour.</summary>
readonly record struct HeatLevel(double From, string Color);

/// <summary>Outlines of what was found.</summary>
/// <param name="Labels">The labels' numbers.</param>
/// <param name="MinArea">Regions below it are left out: square micrometres, or level-0 pixels of a slide without a resolution.</param>
/// <param name="MinHole">Holes below it are filled; units as above.</param>
/// <param name="Simplify">How far an outline may be off, in mask pixels.</param>
sealed record PolygonOptions(IReadOnlySet<int> Labels, double MinArea, double MinHole, double Simplify);

/// <summary>Points or boxes of what was found.</summary>
sealed record MarkOptions(IReadOnlySet<int> Labels);

/// <summary>The platform's report.</summary>
/// <param name="Type">Its type as the platform writes it.</param>
/// <param name="Labels">The labels' numbers that it counts.</param>
/// <param name="Positive">Those of them that are positive.</param>
/// <param name="Threshold">The score from which an object is positive.</param>
/// <param name="Thresholds">Of TumorCellularity: the scores for which it is told.</param>
/// <param name="Key">The headline's label, or null.</param>
/// <param name="Value">The headline's text with measures in braces, or null.</param>
sealed record WorkflowOptions(
    string Type, IReadOnlySet<int> Labels, IReadOnlySet<int> Positive, double Threshold, IReadOnlyList<double> Thresholds, string? Key, string? Value);

/// <summary>A measure and the value that it must reach; the first rule that holds decides the case's triage.</summary>
/// <param name="Measure">Such as <c>tumour.share</c>; null: it always holds.</param>
/// <param name="From">It holds at or above.</param>
/// <param name="Category">The triage's category.</param>
/// <param name="Score">The triage's score; null: the measure's value.</param>
sealed record TriageRule(string? Measure, double From, string Category, double? Score);
