using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>No rule takes a task: none is guessed.</summary>
sealed class NoRouteException : SlidebridgeException
{
    NoRouteException(string what) : base($"{what}: add one to slidebridge.json, then retry the task.") => What = what;

    public NoRouteException(string? model, string? company, IEnumerable<Stain?> stains) : this(
        $"No route takes this task (model {model ?? "not named"}, company {company ?? "not named"}, stains {string.Join(", ", stains.Select(s => s is null ? "not named" : s.Code is null ? s.Value : $"{s.Value} ({s.Code})").Distinct())})")
    {
    }

    /// <summary>A sentence without what is to be done and without its full stop.</summary>
    public string What { get; }

    public override string PlainMessage => "No analysis is set up for this kind of case.";
}
