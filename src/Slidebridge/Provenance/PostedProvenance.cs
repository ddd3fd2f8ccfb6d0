using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Provenance;

/// <summary>
/// Adds to a result what made it (<c>--post-provenance</c>): an object <c>provenance</c> to each scan's <c>results</c>, and rows to its workflow. A scan without a workflow gets one with a Basic report;
/// a workflow with another type of report has no rows, and stays as it is.
/// </summary>
/// <remarks>The text is inserted: a document of a large result would need many times its memory.</remarks>
static partial class PostedProvenance
{
    /// <summary>The member of a scan's results; the second, if the classifier has a value under the first.</summary>
    const string Member = "provenance", OtherMember = "slidebridgeProvenance";

    const string Results = "results", Workflow = "workflow", Report = "report", Type = "type", Basic = "Basic";

    /// <summary>Text that replaces <paramref name="Length"/> bytes from an offset on.</summary>
    readonly record struct Change(int Offset, int Length, byte[] Text);

    /// <param name="json">A valid result.</param>
    /// <param name="record">What made it.</param>
    public static byte[] AddTo(byte[] json, ResultProvenance record)
    {
        var changes = new List<Change>();
        if (MembersOf(json, Range.All).TryGetValue("scanResults", out var scans))
            foreach (var scan in ItemsOf(json, scans)) AddToScan(json, scan, record, changes);
        return Apply(json, changes);
    }

    /// <summary>Whether a JSON path is in what was added.</summary>
    public static bool IsOwn(string path) => Added().IsMatch(path);

    [GeneratedRegex($@"^\$\.scanResults\[\d+\]\.results\.({Member}|{OtherMember})\b")]
    private static partial Regex Added();

    static void AddToScan(byte[] json, Range scan, ResultProvenance record, List<Change> changes)
    {
        var members = MembersOf(json, scan);
        var id = members.TryGetValue("scanId", out var named) ? JsonSerializer.Deserialize(json.AsSpan(named), ProvenanceJson.Default.String) : null;
        var (own, rows) = (Text(OwnOf(record, id)), RowsOf(record));
        var added = new List<string>();

        if (!members.TryGetValue(Results, out var results)) added.Add($"\"{Results}\":{{\"{Member}\":{own}}}");
        else if (IsNull(json, results)) changes.Add(Replace(results, $"{{\"{Member}\":{own}}}"));
        else changes.Add(InsertLast(json, results, $"\"{(MembersOf(json, results).ContainsKey(Member) ? OtherMember : Member)}\":{own}"));

        if (!members.TryGetValue(Workflow, out var workflow)) added.Add($"\"{Workflow}\":{Text(WorkflowOf(record, rows))}");
        else if (IsNull(json, workflow)) changes.Add(Replace(workflow, Text(WorkflowOf(record, rows))));
        else if (MembersOf(json, workflow).TryGetValue(Report, out var report) && MembersOf(json, report) is var parts && parts.TryGetValue(Type, out var type) && json.AsSpan(type).SequenceEqual("\"Basic\""u8) && parts.TryGetValue(Results, out var list))
            changes.Add(InsertLast(json, list, string.Join(',', rows.Select(row => Text(RowOf(row))))));

        if (added.Count > 0) changes.Add(InsertLast(json, scan, string.Join(',', added)));
    }

    /// <summary>The rows of a report, for people.</summary>
    static List<(string Name, string Result)> RowsOf(ResultProvenance record)
    {
        var rows = new List<(string, string)> { ("Bridge", record.Bridge.ToString()) };
        if (record.Classifier is not { } classifier) return rows;
        rows.Add(("Classifier", $"{classifier.Name}{(classifier.Version is { } version ? $" {version}" : "")} ({classifier.Kind})"));
        rows.AddRange(classifier.Files.Where(file => file.Sha256 is not null).Select(file => ($"SHA-256 of {file.Name}", file.Sha256!)));
        return rows;
    }

    /// <summary>The record for programs: what concerns all scans, and this scan's slide.</summary>
    static JsonObject OwnOf(ResultProvenance record, string? scan)
    {
        var own = JsonSerializer.SerializeToNode(record, ProvenanceJson.Default.ResultProvenance)!.AsObject();
        var slide = own["slides"]!.AsArray().FirstOrDefault(each => (string?)each!["scan"] == scan)?.DeepClone();
        own.Remove("slides");
        // How the operator runs the classifier is not the platform's business.
        own.Remove("worker");
        foreach (var name in (string[])["settings", "server", "changed", "taskTimeout"]) (own["classifier"] as JsonObject)?.Remove(name);
        own["slide"] = slide;
        return own;
    }

    static JsonObject WorkflowOf(ResultProvenance record, IReadOnlyList<(string Name, string Result)> rows) => new()
    {
        ["model_name"] = record.Classifier?.Name ?? "",
        ["provider"] = "Slidebridge",
        ["ruo"] = true,
        [Report] = new JsonObject { [Type] = Basic, [Results] = new JsonArray([.. rows.Select(RowOf)]), ["segments"] = new JsonArray() },
    };

    static JsonObject RowOf((string Name, string Result) row) => new() { ["name"] = row.Name, ["result"] = row.Result };

    static string Text(JsonObject value) => value.ToJsonString();

    static bool IsNull(byte[] json, Range value) => json.AsSpan(value).SequenceEqual("null"u8);

    static Change Replace(Range value, string text) => new(value.Start.Value, value.End.Value - value.Start.Value, Encoding.UTF8.GetBytes(text));

    /// <summary>Inserts a member or an item before the closing bracket.</summary>
    static Change InsertLast(byte[] json, Range value, string text)
    {
        var inner = json.AsSpan(value)[1..^1].Trim(" \t\r\n"u8);
        return new(value.End.Value - 1, 0, Encoding.UTF8.GetBytes(inner.IsEmpty ? text : "," + text));
    }

    static byte[] Apply(byte[] json, List<Change> changes)
    {
        var result = new byte[json.Length + changes.Sum(change => change.Text.Length - change.Length)];
        var (from, to) = (0, 0);
        foreach (var change in changes.OrderBy(change => change.Offset))
        {
            var kept = json.AsSpan(from, change.Offset - from);
            kept.CopyTo(result.AsSpan(to));
            change.Text.CopyTo(result, to + kept.Length);
            (from, to) = (change.Offset + change.Length, to + kept.Length + change.Text.Length);
        }
        json.AsSpan(from).CopyTo(result.AsSpan(to));
        return result;
    }

    static Dictionary<string, Range> MembersOf(byte[] json, Range value)
    {
        var reader = new Utf8JsonReader(json.AsSpan(value), new JsonReaderOptions { MaxDepth = ResultsJson.MaxDepth });
        reader.Read();
        var members = new Dictionary<string, Range>();
        if (reader.TokenType is not JsonTokenType.StartObject) return members;
        var start = value.Start.Value;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            members[name] = (start + from)..(start + (int)reader.BytesConsumed);
        }
        return members;
    }

    static List<Range> ItemsOf(byte[] json, Range value)
    {
        var reader = new Utf8JsonReader(json.AsSpan(value), new JsonReaderOptions { MaxDepth = ResultsJson.MaxDepth });
        reader.Read();
        var items = new List<Range>();
        var start = value.Start.Value;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add((start + from)..(start + (int)reader.BytesConsumed));
        }
        return items;
    }
}
