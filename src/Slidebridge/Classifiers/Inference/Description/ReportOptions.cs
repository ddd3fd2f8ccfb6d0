namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>The parts of a scan's report; a part that is null is not reported.</summary>
sealed record ReportOptions(
    IReadOnlyList<HeatmapOptions> Heatmaps, PolygonOptions? Polygons, MarkOptions? Points, MarkOptions? Boxes, bool Counts, string? Summary, bool Qc, WorkflowOptions? Workflow,
    IReadOnlyList<TriageRule> Triage);

/// <summary>A heatmap of a label: coloured regions, the higher ones within the lower.</summary>
/// <param name="Label">The label's number.</param>
/// <param name="Annotation">The heatmap's annotation type.</param>
/// <param name="Levels">The levels, lowest first.</param>
sealed record HeatmapOptions(int Label, string Annotation, IReadOnlyList<HeatLevel> Levels);

/// <summary>Values at or above this one have this colour.</summary>
readonly record struct HeatLevel(double From, string Color);

/// <summary>Outlines of what was found.</summary>
/// <param name="Labels">The labels' numbers.</param>
/// <param name="MinArea">Smaller regions are dropped: square micrometres, or level-0 pixels for a slide without a resolution.</param>
/// <param name="MinHole">Smaller holes are filled; units as above.</param>
/// <param name="Simplify">Maximum deviation of an outline, in mask pixels.</param>
sealed record PolygonOptions(IReadOnlySet<int> Labels, double MinArea, double MinHole, double Simplify);

/// <summary>Points or boxes of what was found.</summary>
sealed record MarkOptions(IReadOnlySet<int> Labels);

/// <summary>The platform's report.</summary>
/// <param name="Type">The report's type as the platform writes it.</param>
/// <param name="Labels">The numbers of the labels that are counted.</param>
/// <param name="Positive">The labels among them that are positive.</param>
/// <param name="Threshold">The minimum score of a positive object.</param>
/// <param name="Thresholds">For TumorCellularity: the scores that it reports values for.</param>
/// <param name="Key">The headline's label, or null.</param>
/// <param name="Value">The headline's text with measures in braces, or null.</param>
sealed record WorkflowOptions(
    string Type, IReadOnlySet<int> Labels, IReadOnlySet<int> Positive, double Threshold, IReadOnlyList<double> Thresholds, string? Key, string? Value);

/// <summary>A measure and the value that it must reach; the first rule that matches decides the case's triage.</summary>
/// <param name="Measure">Such as <c>tumour.share</c>; null: the rule always matches.</param>
/// <param name="From">The rule matches at or above this value.</param>
/// <param name="Category">The triage's category.</param>
/// <param name="Score">The triage's score; null: the measure's value.</param>
sealed record TriageRule(string? Measure, double From, string Category, double? Score);
