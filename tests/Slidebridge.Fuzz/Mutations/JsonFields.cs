namespace Slidebridge.Fuzz.Mutations;

/// <summary>The strings of a JSON text, names and values alike: each may become another name of the format, another kind of value, or what no text may hold.</summary>
static class JsonFields
{
    const int MostStrings = 600;

    static readonly string[] Words =
    [
        "\\ud800", "\\u0000", "\":\"", "\":null,\"", "\":{\"", "\":[\"", "NaN", "1e999", "-1", "type", "task_id", "scans", "scan_urls", "stains", "token", "results", "scanResults", "geojson", "features",
        "geometry", "coordinates", "Polygon", "GeometryCollection", "report", "result", "heartbeat", "error", "taskId", "http://", "https://[::1]/", "../..", "\\\\", "dGFzazox", "task:1",
    ];

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0, found = 0; at < bytes.Length && found < MostStrings; at++)
        {
            if (bytes[at] != (byte)'"') continue;
            var end = at + 1;
            while (end < bytes.Length && bytes[end] != (byte)'"') end += bytes[end] == (byte)'\\' ? 2 : 1;
            if (end > at + 1 && end < bytes.Length)
            {
                fields.Add(new Field(at + 1, end - at - 1) { Texts = Words });
                found++;
            }
            at = end;
        }
    }
}
