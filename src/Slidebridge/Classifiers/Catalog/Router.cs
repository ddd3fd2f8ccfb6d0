using System.Text.Json.Nodes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>Chooses a task's classifier: the first rule that matches.</summary>
sealed class Router(ClassifierOptions options)
{
    public ClassifierRoute? Find(string? model, string? company, IReadOnlyCollection<Stain?> stains) => options.Routes.FirstOrDefault(r => r.Fits(model, company, stains));

    /// <summary>The rule for a task that is about to be classified.</summary>
    /// <exception cref="NoRouteException">No rule matches the task.</exception>
    public ClassifierRoute Choose(string? model, string? company, IReadOnlyCollection<Stain?> stains) => Find(model, company, stains) ?? throw new NoRouteException(model, company, stains);

    /// <summary>A task's settings: the classifier's, overridden by the route's.</summary>
    public static JsonObject? SettingsOf(JsonObject? classifier, JsonObject? route)
    {
        if (classifier is null || route is null) return (classifier ?? route)?.DeepClone().AsObject();
        var merged = classifier.DeepClone().AsObject();
        foreach (var (name, value) in route) merged[name] = value?.DeepClone();
        return merged;
    }
}
