using System.Text.Json.Nodes;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier of <c>slidebridge.json</c>.</summary>
/// <param name="Name">What routes and <c>--classifier</c> call it.</param>
/// <param name="Use">What it is, as <c>--classifier</c> would have it: a name that was added, or <c>python:mitosis.py</c>.</param>
/// <param name="Limits">What it may take.</param>
/// <param name="Settings">What its tasks get as their settings, or null.</param>
/// <param name="Place">Where it says what it is: <c>slidebridge.json, line 3</c>. Null where no file does.</param>
sealed record ClassifierDefinition(string Name, string Use, ClassifierLimits Limits, JsonObject? Settings = null, string? Place = null);
