using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Simulator.Requests;

/// <summary>
/// A task's request in the form in which a person copies it from the platform's task notes: <c>token</c> instead of <c>jwt_token</c>, <c>\u0026</c> instead of &amp;,
/// and line breaks at the width of the page, even inside URLs.
/// </summary>
public static class DebugNote
{
    const int Columns = 100;

    /// <summary>The note of a task, in lines that end with a line feed.</summary>
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
            for (var from = 0; from < line.Length;)
            {
                var length = Length(line, from);
                note.Append(line.AsSpan(from, length)).Append('\n');
                from += length;
            }
        return note.ToString();
    }

    /// <summary>The characters that fit on the line. The line does not end with a blank, which could not be distinguished from the page's own.</summary>
    static int Length(string line, int from)
    {
        var length = Math.Min(Columns, line.Length - from);
        if (from + length == line.Length) return length;
        var before = length;
        while (before > 1 && (line[from + before] == ' ' || line[from + before - 1] == ' ')) before--;
        return before > 1 ? before : length;
    }
}
