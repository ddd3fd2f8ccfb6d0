using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Results;

/// <summary>The valid documents beside this file, and what becomes of one when a value in it is changed.</summary>
static class Example
{
    /// <summary>The scans of every example's task.</summary>
    public static readonly string[] Scans = ["4711", "4712"];

    static readonly string Folder = Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "Results", "Examples");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".json"));

    /// <summary>The example with a value replaced, or removed.</summary>
    /// <param name="name">The example's name.</param>
    /// <param name="pointer">Where, as a JSON pointer (RFC 6901): <c>/scanResults/0/scanId</c>; a member that is not there is added.</param>
    /// <param name="json">The JSON that takes its place; null removes the member.</param>
    public static byte[] Changed(string name, string pointer, string? json)
    {
        var root = JsonNode.Parse(Read(name))!;
        var steps = pointer.Split('/')[1..];
        if (steps.Length == 0) return Encoding.UTF8.GetBytes(json!);
        var parent = root;
        foreach (var step in steps[..^1]) parent = Child(parent, step);
        const string Place = "@here@"; // A node cannot hold all that JSON can.
        if (parent is JsonArray list) list[int.Parse(steps[^1])] = Place;
        else if (json is null) Assert.True(parent.AsObject().Remove(steps[^1]), $"{name} has no {pointer}.");
        else parent[steps[^1]] = Place;
        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace($"\"{Place}\"", json, StringComparison.Ordinal));
    }

    static JsonNode Child(JsonNode parent, string step) => parent is JsonArray list ? list[int.Parse(step)]! : parent[step]!;
}
