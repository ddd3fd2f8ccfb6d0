using System.Text.Json.Nodes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>
/// A rule that gives tasks to a classifier. What it does not name, it does not ask for: a rule that names nothing takes every task.
/// </summary>
/// <param name="Classifier">A classifier's name, or what it is.</param>
sealed record ClassifierRoute(string Classifier)
{
    /// <summary>The platform's model ids or names, one of which the task asks for; null for any.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The companies, of one of which the task is; null for any.</summary>
    public IReadOnlyList<string>? Companies { get; init; }

    /// <summary>Stain values or codes, in any spelling (<see cref="StainName"/>); each of the task's scans has one of them. Null for any. A scan whose stain is not known has none.</summary>
    public IReadOnlyList<string>? Stains { get; init; }

    /// <summary>The execution group whose nodes run it; null for the one of <c>--group</c>.</summary>
    public string? Group { get; init; }

    /// <summary>What its tasks get as their settings, over the classifier's own; or null.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>Where it stands: <c>slidebridge.json, line 7</c>. Null where no file has it.</summary>
    public string? Place { get; init; }

    /// <summary>It takes whatever comes.</summary>
    public bool TakesAll => Models is null && Companies is null && Stains is null;

    /// <summary>Whether it takes a task.</summary>
    public bool Fits(string? model, string? company, IReadOnlyCollection<Stain?> stains) =>
        (Models is null || (model is not null && Models.Contains(model, StringComparer.Ordinal)))
        && (Companies is null || (company is not null && Companies.Contains(company, StringComparer.Ordinal)))
        && (Stains is null || stains.All(s => s is not null && (Has(s.Value) || Has(s.Code))));

    bool Has(string? stain) => stain is not null && Stains!.Any(name => StainName.Names(stain, name));
}
