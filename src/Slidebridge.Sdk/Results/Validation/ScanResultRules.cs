namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The rules of the whole body, of the case's values and of each scan's result.</summary>
static class ScanResultRules
{
    public static void Check(Node root, IReadOnlyCollection<string> scanIds)
    {
        if (!root.IsObject("an object with scanResults")) return;
        if (root.Optional("caseResults") is { } values && values.IsObject("an object of the case's values"))
        {
            CheckTriage(values);
            FreeRules.Check(values);
        }
        if (root.Required("scanResults", "a list of scan results") is not { } results) return;

        var known = scanIds as IReadOnlySet<string> ?? scanIds.ToHashSet();
        var seen = new HashSet<string>();
        foreach (var result in results.Elements("a list of scan results"))
        {
            if (!result.IsObject("a scan result")) continue;
            CheckScanId(result, known, seen);
            CheckScan(result);
        }
    }

    static void CheckTriage(Node values)
    {
        if (values.Optional("triage") is not { } triage || !triage.IsObject("an object {category, score}")) return;
        triage.Required("category", "the triage category's name")?.IsString("the triage category's name");
        triage.Required("score", "the triage score, a number")?.IsNumber("the triage score, a number");
    }

    static void CheckScanId(Node result, IReadOnlySet<string> known, HashSet<string> seen)
    {
        const string Expected = "a scan's id: a string of digits";
        if (result.Required("scanId", Expected) is not { } id || id.Text(Expected) is not { } text) return;
        if (text.Length == 0 || !text.All(char.IsAsciiDigit)) id.Refuse(Expected);
        else if (!known.Contains(text)) id.Refuse($"one of the task's scans ({string.Join(", ", known.Take(5))}{(known.Count > 5 ? ", …" : "")})");
        else if (!seen.Add(text) && id.Problems.IsBridge) id.Refuse("one result for each scan; this is its second");
    }

    static void CheckScan(Node result)
    {
        if (result.Optional("results") is { } values && values.IsObject("an object of the scan's values"))
        {
            // Null does not count as absent here: the platform reads the value.
            if (values.Has("summary")) values.Required("summary", "")?.IsString("a string");
            if (values.Problems.IsBridge) values.Optional("external_url")?.IsString("a URL as a string: the platform would show no link");
            FreeRules.Check(values);
        }
        if (result.Optional("geojson") is { } annotations) GeoJsonRules.CheckAnnotations(annotations);
        if (result.Optional("qcFailReasons") is { } reasons)
            foreach (var reason in reasons.Elements("a list of strings, or null")) reason.IsString("a reason as a string");
        if (result.Optional("workflow") is { } workflow && workflow.IsObject("a workflow")) CheckWorkflow(workflow);
    }

    static void CheckWorkflow(Node workflow)
    {
        workflow.Required("model_name", "the model's name")?.IsString("the model's name");
        workflow.Required("provider", "the provider's name")?.IsString("the provider's name");
        workflow.Required("ruo", "true or false: research use only")?.IsBoolean("true or false: research use only");
        workflow.Optional("key")?.IsString("the headline's label, a string");
        workflow.Optional("value")?.IsString("the headline's value, a string");
        if (workflow.Required("report", "a report") is { } report) ReportRules.Check(report);
    }
}
