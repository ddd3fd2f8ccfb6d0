using System.Text.Json.Nodes;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier of <c>slidebridge.json</c>.</summary>
/// <param name="Name">The name for routes and <c>--classifier</c>.</param>
/// <param name="Use">What the classifier is, in the form of <c>--classifier</c>: a name that was added, or <c>python:mitosis.py</c>.</param>
/// <param name="Limits">The classifier's limits.</param>
/// <param name="Settings">The settings that its tasks receive, or null.</param>
/// <param name="Place">The place of the 'use' in the settings file: <c>slidebridge.json, line 3</c>. Null if it is not from a file.</param>
sealed record ClassifierDefinition(string Name, string Use, ClassifierLimits Limits, JsonObject? Settings = null, string? Place = null)
{
    /// <summary>The version that is recorded with every result; null: the one that the model, the program or the assembly states.</summary>
    public string? Version { get; init; }

    /// <summary>The classifier runs on workers elsewhere (<c>slidebridge work</c>), not on the bridge's nodes; null: on the nodes.</summary>
    public WorkerUse? Worker { get; init; }

    /// <summary>Further files that make the classifier, such as a program's weights: their SHA-256 is recorded with every result.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <param name="Group">The execution group whose workers run it.</param>
/// <param name="RelaysSlides">The workers read all slides through the bridge, because they have no way to the stores. False: only slides that the bridge has copied because their URLs expire.</param>
sealed record WorkerUse(string Group, bool RelaysSlides);
