using System.Text.Json.Nodes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>
/// A rule that assigns tasks to a classifier. Conditions that are null match everything: a rule without conditions matches every task.
/// </summary>
/// <param name="Classifier">A classifier's name, or its kind and argument.</param>
sealed record ClassifierRoute(string Classifier)
{
    /// <summary>The platform's model ids or names, one of which the task asks for; null: any.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The companies, one of which the task must belong to; null: any.</summary>
    public IReadOnlyList<string>? Companies { get; init; }

    /// <summary>Stain values or codes, in any spelling (<see cref="StainName"/>); each of the task's scans must have one of them. Null: any. A scan with an unknown stain does not match.</summary>
    public IReadOnlyList<string>? Stains { get; init; }

    /// <summary>The execution group whose nodes run the task; null: the one of <c>--group</c>.</summary>
    public string? Group { get; init; }

    /// <summary>Settings for its tasks, which override the classifier's; or null.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>Its results wait until an operator releases them.</summary>
    public bool Hold { get; init; }

    /// <summary>Classifiers that run on its tasks after delivery, on separate places; their results are kept here and never posted.</summary>
    public IReadOnlyList<string> Shadows { get; init; } = [];

    /// <summary>The rule's place in the settings file: <c>slidebridge.json, line 7</c>. Null if it is not from a file.</summary>
    public string? Place { get; init; }

    /// <summary>The rule matches every task.</summary>
    public bool TakesAll => Models is null && Companies is null && Stains is null;

    /// <summary>Whether the rule matches a task.</summary>
    public bool Fits(string? model, string? company, IReadOnlyCollection<Stain?> stains) =>
        (Models is null || (model is not null && Models.Contains(model, StringComparer.Ordinal)))
        && (Companies is null || (company is not null && Companies.Contains(company, StringComparer.Ordinal)))
        && (Stains is null || stains.All(s => s is not null && (Has(s.Value) || Has(s.Code))));

    bool Has(string? stain) => stain is not null && Stains!.Any(name => StainName.Names(stain, name));
}
