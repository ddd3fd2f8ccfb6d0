namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>Reads <c>report:</c>, and refuses what a kind of model cannot measure.</summary>
sealed class ReportReader(YamlMap root, ModelKind kind, IReadOnlyList<ModelLabel> labels)
{
    public ReportOptions Read()
    {
        var map = root.RequiredMap("report", "what to report of the model's findings, such as counts: true");
        var report = new ReportOptions(
            [.. map.OneOrMore("heatmap", "a heatmap, or a list of them").Select(Heatmap)], Polygons(map), Marks(map, "points"), Marks(map, "boxes"), map.Flag("counts") ?? false,
            Summary(map), map.Flag("qc") ?? false, Workflow(map), [.. map.Maps("triage", "a list of rules").Select(Rule)]);
        map.End();
        return report;
    }

    HeatmapOptions Heatmap(YamlMap map)
    {
        var index = Label(map, "label", map.RequiredText("label", "the label that the heatmap shows"));
        const string Expected = "a list of levels, from the lowest on, each with from and color";
        var levels = new List<HeatLevel>();
        foreach (var level in map.Maps("levels", Expected))
        {
            var from = level.Number("from", 0, 1e12, "a number from 0") ?? throw level.Missing("from", "the lowest value with this colour");
            if (levels.Count > 0 && from <= levels[^1].From) throw level.Wrong("from", "a number above the previous level's");
            levels.Add(new HeatLevel(from, ModelFileReader.ReadColor(level, "color") ?? throw level.Missing("color", "such as \"#ffee00\"")));
            level.End();
        }
        if (levels.Count == 0) throw map.Has("levels") ? map.Wrong("levels", Expected) : map.Missing("levels", Expected);
        var annotation = map.Text("annotation") ?? $"{labels[index].Name} heatmap";
        map.End();
        return new HeatmapOptions(index, annotation, levels);
    }

    PolygonOptions? Polygons(YamlMap report)
    {
        if (report.Switch("polygons") is not { } map) return null;
        if (kind == ModelKind.Detection) throw report.Fail("polygons", "are only for tiles and segmentation; for a detector, use boxes or points");
        const string Area = "an area in µm², from 0";
        var options = new PolygonOptions(Chosen(map), map.Number("minArea", 0, 1e12, Area) ?? 0, map.Number("minHole", 0, 1e12, Area) ?? 0,
            map.Number("simplify", 0, 16, "mask pixels from 0 to 16") ?? 0.75);
        map.End();
        return options;
    }

    MarkOptions? Marks(YamlMap report, string key)
    {
        if (report.Switch(key) is not { } map) return null;
        var options = new MarkOptions(Chosen(map));
        map.End();
        return options;
    }

    string? Summary(YamlMap report)
    {
        if (report.Text("summary") is not { } summary || summary == "false") return null;
        if (summary == "true") return "";
        return Checked(report, "summary", summary);
    }

    WorkflowOptions? Workflow(YamlMap report)
    {
        if (report.Map("workflow") is not { } map) return null;
        var type = map.OneOf("type", [.. WorkflowTypes.Names.Select((name, i) => (name, i))]) is { } number ? WorkflowTypes.Names[number] : throw map.Missing("type", $"one of {string.Join(", ", WorkflowTypes.Names)}");
        if (WorkflowTypes.Refusal(type, kind) is { } refusal) throw map.Fail("type", refusal);
        var counted = Chosen(map);
        var positive = Chosen(map, "positive");
        if (type == WorkflowTypes.TumorCellularity && !map.Has("positive")) throw map.Missing("positive", "the labels that are tumour cells");
        var threshold = map.Number("threshold", 0, 1, "0 to 1") ?? labels.Where((_, i) => positive.Contains(i)).Min(l => l.Threshold);
        const string Scores = "a list of scores, 0 to 1";
        var thresholds = map.Numbers("thresholds", 0, 1, Scores) ?? [threshold];
        if (thresholds.Count == 0) throw map.Wrong("thresholds", Scores);
        var options = new WorkflowOptions(type, counted, positive, threshold, thresholds, map.Text("key"), map.Text("value") is { } value ? Checked(map, "value", value) : null);
        map.End();
        return options;
    }

    TriageRule Rule(YamlMap map)
    {
        var measure = map.Text("measure");
        if (measure is not null && Measures.Problem(measure, kind, labels) is { } problem) throw map.Fail("measure", problem);
        var from = map.Number("from", -1e12, 1e12, "a number");
        if (measure is null && from is not null) throw map.Missing("measure", "such as tumour.share, because 'from' needs one");
        var rule = new TriageRule(measure, from ?? double.NegativeInfinity, map.RequiredText("category", "the triage's category"), map.Number("score", -1e12, 1e12, "a number"));
        if (measure is null && rule.Score is null) throw map.Missing("score", "the triage's score, because the rule has no measure to take it from");
        map.End();
        return rule;
    }

    HashSet<int> Chosen(YamlMap map, string key = "labels") => map.Texts(key, "a list of labels") is { } names
        ? [.. names.Select(name => Label(map, key, name))]
        : [.. labels.Index().Where(l => !l.Item.IsBackground).Select(l => l.Index)];

    int Label(YamlMap map, string key, string name) => ModelLabel.Find(labels, name) is >= 0 and var index ? index
        : throw map.Fail(key, $"names the unknown label {name}; the labels are {string.Join(", ", labels.Where(l => !l.IsBackground).Select(l => l.Name))}");

    string Checked(YamlMap map, string key, string text) => MeasureText.Problem(text, kind, labels) is { } problem ? throw map.Fail(key, problem) : text;
}
