using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Simulator.Requests;

/// <summary>
/// A task's request as a person copies it from the platform's task notes: <c>token</c> in place of <c>jwt_token</c>, <c>\u0026</c> for &amp;,
/// and lines broken wherever the page was too narrow, in the middle of URLs too.
/// </summary>
static class DebugNote
{
    const int Columns = 100;

    public static string Of(SimulatedTask task)
    {
        var body = JsonNode.Parse(task.Body)!.AsObject();
        if (body["jwt_token"] is { } token)
        {
            body.Remove("jwt_token");
            body["token"] = token;
        }
        var note = new StringBuilder($"Debug request for task {task.TaskNumber}\n");
        foreach (var line in body.ToJsonString(new() { WriteIndented = true }).Split('\n'))
            for (var from = 0; from < line.Length; from += Columns)
                note.Append(line.AsSpan(from, Math.Min(Columns, line.Length - from))).Append('\n');
        return note.ToString();
    }
}
