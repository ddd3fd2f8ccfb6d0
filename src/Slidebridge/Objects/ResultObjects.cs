using System.Text;

namespace Slidebridge.Objects;

/// <summary>
/// Reads every object of one scan's result: annotations, heatmaps, and what a report counts or places. The same shapes in the same order as
/// <see cref="Overlays.SavedShapes"/>, but without an object of .NET for each, because a result may hold millions.
/// </summary>
sealed class ResultObjects
{
    readonly FeatureReader features;
    readonly ReportReader reports;

    public ResultObjects(IObjectReceiver receiver)
    {
        features = new FeatureReader(receiver);
        reports = new ReportReader(receiver, features);
    }

    /// <summary>Passes the objects on, in the order in which they are written: annotations first, then the report's.</summary>
    /// <param name="json">A valid result.</param>
    /// <param name="scanId">The scan. Without a result there are no objects.</param>
    /// <exception cref="System.Text.Json.JsonException">The text is not a valid result.</exception>
    public void Read(ReadOnlySpan<byte> json, string scanId)
    {
        var cursor = new JsonCursor(json, 0);
        var id = Encoding.UTF8.GetBytes(scanId);
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (!name.SequenceEqual("scanResults"u8)) cursor.Skip();
            else if (cursor.TryEnter('['))
                while (cursor.NextElement())
                    if (IsRead(json, ref cursor, id)) return;
        }
    }

    /// <summary>Reads the scan's objects if it is the wanted scan. Its long parts are read where they are found, because to skip them takes nearly as long.</summary>
    bool IsRead(ReadOnlySpan<byte> json, ref JsonCursor cursor, byte[] scanId)
    {
        int annotations = -1, workflow = -1;
        var isIt = false;
        if (!cursor.TryEnter('{')) return false;
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("scanId"u8)) isIt = JsonCursor.Unescaped(cursor.StringOrNothing()).SequenceEqual(scanId);
            else if (isIt && name.SequenceEqual("geojson"u8)) Annotations(json, ref cursor);
            else
            {
                if (name.SequenceEqual("geojson"u8)) annotations = cursor.At;
                else if (name.SequenceEqual("workflow"u8)) workflow = cursor.At;
                cursor.Skip();
            }
        }
        if (!isIt) return false;
        var part = new JsonCursor(json, Math.Max(0, annotations));
        if (annotations >= 0) Annotations(json, ref part);
        part = new JsonCursor(json, Math.Max(0, workflow));
        if (workflow >= 0) Report(json, ref part);
        return true;
    }

    void Annotations(ReadOnlySpan<byte> json, ref JsonCursor cursor)
    {
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (!name.SequenceEqual("features"u8)) cursor.Skip();
            else if (cursor.TryEnter('['))
                while (cursor.NextElement()) features.Read(json, ref cursor, region: null);
        }
    }

    void Report(ReadOnlySpan<byte> json, ref JsonCursor cursor)
    {
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("report"u8)) reports.Read(json, ref cursor);
            else cursor.Skip();
        }
    }
}
