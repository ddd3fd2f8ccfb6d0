using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Routing;

/// <summary>No rule takes a task: none is guessed.</summary>
sealed class NoRouteException(string? model, string? company, IEnumerable<Stain?> stains) : Exception(
    $"No route takes this task (model {model ?? "not named"}, company {company ?? "not named"}, stains {string.Join(", ", stains.Select(s => s is null ? "not named" : s.Code is null ? s.Value : $"{s.Value} ({s.Code})").Distinct())}): add one to slidebridge.json, then retry the task.");
