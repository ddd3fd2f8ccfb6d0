using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Settings;
using Slidebridge.Units;

namespace Slidebridge.Hosting;

/// <summary>Reads <c>classifiers</c> and <c>routes</c> of <c>slidebridge.json</c>; what is wrong is told with its line.</summary>
/// <param name="file">The file.</param>
/// <param name="defaults">What holds for a classifier that says nothing else.</param>
sealed class ClassifierSections(SettingsFile file, ClassifierLimits defaults)
{
    /// <summary>The classifiers that the file defines.</summary>
    /// <exception cref="SettingException">Names the line.</exception>
    public IReadOnlyList<ClassifierDefinition> Classifiers() => file.Section(SettingsFile.Classifiers) is not { } section ? []
        : [.. Members(section.Value, "an object of classifiers by their names").Select(Classifier)];

    /// <summary>The rules, or null where the file has none.</summary>
    /// <exception cref="SettingException">Names the line.</exception>
    public IReadOnlyList<ClassifierRoute>? Routes()
    {
        if (file.Section(SettingsFile.Routes) is not { } section) return null;
        var items = section.Value.Items ?? throw file.Wrong(section.Line, "routes must be a list of rules such as { \"stain\": \"he\", \"classifier\": \"mitosis\" }");
        if (items.Count == 0) throw file.Wrong(section.Line, "routes is empty: no task would have a classifier");
        var routes = new List<ClassifierRoute>();
        foreach (var item in items)
        {
            if (routes is [.., { TakesAll: true }]) throw file.Wrong(item.Line, "no task comes to this rule, for the one before it takes all");
            routes.Add(Route(item));
        }
        return routes;
    }

    ClassifierDefinition Classifier(LocatedMember member)
    {
        if (member.Name.Contains(':', StringComparison.Ordinal)) throw file.Wrong(member.Line, $"a classifier's name has no colon: '{member.Name}'");
        var (use, line, limits, settings) = ((string?)null, member.Line, defaults, (JsonObject?)null);
        foreach (var part in Members(member.Value, "an object such as { \"use\": \"python:mitosis.py\" }"))
        {
            switch (part.Name)
            {
                case "use": (use, line) = (Text(part), part.Line); break;
                case "processes": limits = limits with { Processes = Read(part, t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 1024 ? n : (int?)null, "a whole number from 1 to 1024") }; break;
                case "startTimeout": limits = limits with { StartTimeout = Read(part, Positive, "a time such as 30s or 5m") }; break;
                case "taskTimeout": limits = limits with { TaskTimeout = Text(part) == "forever" ? null : Read(part, Positive, "a time such as 90m, or forever") }; break;
                case "memory": limits = limits with { Memory = Read(part, ByteSize.Parse, "an amount such as 8GB, or 0") is > 0 and var bytes ? bytes : null }; break;
                case "urls": limits = limits with { Urls = part.Value.Kind is JsonValueKind.True || (part.Value.Kind is JsonValueKind.False ? false : throw file.Wrong(part.Line, "'urls' must be true or false")) }; break;
                case "python": limits = limits with { Python = Text(part) }; break;
                case "settings": settings = Settings(part); break;
                default: throw file.Wrong(part.Line, $"a classifier has no '{part.Name}'; it has use, processes, startTimeout, taskTimeout, memory, python, urls and settings");
            }
        }
        return new ClassifierDefinition(member.Name, use ?? throw file.Wrong(member.Line, $"the classifier {member.Name} has no 'use', such as \"python:mitosis.py\""), limits, settings, file.Place(line));
    }

    ClassifierRoute Route(LocatedJson item)
    {
        var route = new ClassifierRoute("");
        foreach (var part in Members(item, "a rule such as { \"stain\": \"he\", \"classifier\": \"mitosis\" }"))
        {
            route = part.Name switch
            {
                "classifier" => route with { Classifier = Text(part), Place = file.Place(part.Line) },
                "model" => route with { Models = Texts(part) },
                "company" => route with { Companies = Texts(part) },
                "stain" => route with { Stains = Texts(part) },
                "group" => route with { Group = Read(part, t => BridgeOptions.IsName(t) ? t : null, "a name of letters, digits and - _ .") },
                "settings" => route with { Settings = Settings(part) },
                _ => throw file.Wrong(part.Line, $"a route has no '{part.Name}'; it has model, company, stain, classifier, group and settings"),
            };
        }
        return route.Classifier.Length > 0 ? route : throw file.Wrong(item.Line, "the route names no classifier");
    }

    IReadOnlyList<LocatedMember> Members(LocatedJson value, string expected)
    {
        var members = value.Members ?? throw file.Wrong(value.Line, $"{expected} is expected");
        return members.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice ? throw file.Wrong(twice.Last().Line, $"'{twice.Key}' is there twice") : members;
    }

    string Text(LocatedMember part) => Read(part, text => text.Trim() is { Length: > 0 } value ? value : null, "a text that is not empty");

    IReadOnlyList<string> Texts(LocatedMember part) => part.Value switch
    {
        { Items: { Count: > 0 } items } when items.All(i => i.Kind is JsonValueKind.String) => [.. items.Select(i => i.Text!)],
        { Items: not null } => throw file.Wrong(part.Line, $"'{part.Name}' must be a text or a list of texts"),
        _ => [Text(part)],
    };

    JsonObject Settings(LocatedMember part)
    {
        CheckNames(part.Value);
        return part.Value.ToObject() ?? throw file.Wrong(part.Line, "'settings' must be an object");
    }

    void CheckNames(LocatedJson value)
    {
        if (value.Members is not null)
            foreach (var member in Members(value, "an object")) CheckNames(member.Value);
        foreach (var item in value.Items ?? []) CheckNames(item);
    }

    T Read<T>(LocatedMember part, Func<string, T?> parse, string expected) where T : class =>
        Parse(part) is { } text && parse(text) is { } value ? value : throw file.Wrong(part.Line, $"'{part.Name}' must be {expected}");

    T Read<T>(LocatedMember part, Func<string, T?> parse, string expected) where T : struct =>
        Parse(part) is { } text && parse(text) is { } value ? value : throw file.Wrong(part.Line, $"'{part.Name}' must be {expected}");

    static string? Parse(LocatedMember part) => part.Value.Kind is JsonValueKind.String or JsonValueKind.Number ? part.Value.Text : null;

    static TimeSpan? Positive(string text) => Duration.Parse(text) is { } time && time > TimeSpan.Zero ? time : null;
}
