using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>No rule matches a task; the bridge does not guess a classifier.</summary>
sealed class NoRouteException : SlidebridgeException
{
    NoRouteException(string what) : base($"{what}: add one to slidebridge.json, then retry the task.") => What = what;

    public NoRouteException(string? model, string? company, IEnumerable<Stain?> stains) : this(
        $"No route matches this task (model {model ?? "not named"}, company {company ?? "not named"}, stains {string.Join(", ", stains.Select(s => s is null ? "not named" : s.Code is null ? s.Value : $"{s.Value} ({s.Code})").Distinct())})")
    {
    }

    /// <summary>The sentence without the advice and the full stop.</summary>
    public string What { get; }

    public override string PlainMessage => "No analysis is set up for this kind of case.";
}
