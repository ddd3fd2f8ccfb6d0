using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Reads <c>classifiers</c> and <c>routes</c> of <c>slidebridge.json</c>; each error names its line.</summary>
/// <param name="file">The file.</param>
/// <param name="defaults">The settings for classifiers that do not set their own.</param>
sealed class ClassifierSections(SettingsFile file, SettingValues defaults) : SectionReader(file)
{
    /// <summary>The classifiers that the file defines.</summary>
    /// <exception cref="SettingException">The file is invalid; the message names the line.</exception>
    public IReadOnlyList<ClassifierDefinition> Classifiers() => File.Section(SettingsFile.Classifiers) is not { } section ? []
        : [.. Members(section.Value, "an object of classifiers by their names").Select(Classifier)];

    /// <summary>The rules, or null if the file has none.</summary>
    /// <exception cref="SettingException">The file is invalid; the message names the line.</exception>
    public IReadOnlyList<ClassifierRoute>? Routes()
    {
        if (File.Section(SettingsFile.Routes) is not { } section) return null;
        var items = section.Value.Items ?? throw File.Wrong(section.Line, "routes must be a list of rules such as { \"stain\": \"he\", \"classifier\": \"mitosis\" }");
        if (items.Count == 0) throw File.Wrong(section.Line, "routes is empty: no task would have a classifier");
        var routes = new List<ClassifierRoute>();
        foreach (var item in items)
        {
            if (routes is [.., { TakesAll: true }]) throw File.Wrong(item.Line, "this rule is unreachable: the previous rule matches every task");
            routes.Add(Route(item));
        }
        return routes;
    }

    ClassifierDefinition Classifier(LocatedMember member)
    {
        if (member.Name.Contains(':', StringComparison.Ordinal)) throw File.Wrong(member.Line, $"a classifier's name must not contain a colon: '{member.Name}'");
        var (use, line, settings) = ((string?)null, member.Line, (JsonObject?)null);
        var own = new List<(Setting, string, string)>();
        var (version, files) = ((string?)null, (IReadOnlyList<string>)[]);
        if (member.Value.Members?.Any(part => part.Name == "kind") == true) return Worker(member);
        foreach (var part in Members(member.Value, "an object such as { \"use\": \"python:mitosis.py\" }"))
        {
            if (part.Name == "use") (use, line) = (Text(part), part.Line);
            else if (part.Name == "settings") settings = Settings(part);
            else if (part.Name == "version") version = Text(part);
            else if (part.Name == "files") files = Files(part);
            else if (OfOneClassifier.GetValueOrDefault(part.Name) is { } setting) own.Add((setting, File.Text(part, setting), $"{File.Place(part.Line)}: {part.Name}"));
            else throw File.Wrong(part.Line, $"a classifier has no '{part.Name}'; it has use, version, files, {string.Join(", ", OfOneClassifier.Keys)} and settings");
        }
        return new ClassifierDefinition(member.Name, use ?? throw File.Wrong(member.Line, $"the classifier {member.Name} has no 'use', such as \"python:mitosis.py\""), BridgeOptions.LimitsFrom(defaults.With(own)), settings, File.Place(line)) { Version = version, Files = files };
    }

    /// <summary>A classifier that workers elsewhere run: they define what it is.</summary>
    ClassifierDefinition Worker(LocatedMember member)
    {
        var (group, relays, settings) = ((string?)null, false, (JsonObject?)null);
        foreach (var part in Members(member.Value, "an object such as { \"kind\": \"worker\", \"group\": \"gpu\" }"))
        {
            if (part.Name == "kind" && Text(part) != "worker") throw File.Wrong(part.Line, $"a classifier's kind can only be 'worker', for 'slidebridge work'; others have 'use'");
            else if (part.Name == "group") group = ServeSettings.Group.Parse(Text(part), $"{File.Place(part.Line)}: group");
            else if (part.Name == "relaySlides") relays = Text(part) switch { "always" => true, "staged" => false, var other => throw File.Wrong(part.Line, $"relaySlides is 'always' or 'staged', not '{other}'") };
            else if (part.Name == "settings") settings = Settings(part);
            else if (part.Name != "kind") throw File.Wrong(part.Line, $"a classifier of workers has no '{part.Name}'; it has kind, group, relaySlides and settings. All else is set on the workers");
        }
        return new ClassifierDefinition(member.Name, "", new ClassifierLimits(), settings, File.Place(member.Line)) { Worker = new WorkerUse(group ?? throw File.Wrong(member.Line, $"the classifier {member.Name} has no 'group', whose workers run it"), relays) };
    }

    static readonly Dictionary<string, Setting> OfOneClassifier = ServeSettings.All.Where(s => s.SectionKey is not null).ToDictionary(s => s.SectionKey!);

    ClassifierRoute Route(LocatedJson item)
    {
        var route = new ClassifierRoute("");
        foreach (var part in Members(item, "a rule such as { \"stain\": \"he\", \"classifier\": \"mitosis\" }"))
        {
            route = part.Name switch
            {
                "classifier" => route with { Classifier = Text(part), Place = File.Place(part.Line) },
                "model" => route with { Models = Texts(part) },
                "company" => route with { Companies = Texts(part) },
                "stain" => route with { Stains = Texts(part) },
                "group" => route with { Group = ServeSettings.Group.Parse(Text(part), $"{File.Place(part.Line)}: group") },
                "settings" => route with { Settings = Settings(part) },
                "hold" => route with { Hold = Flag(part) },
                "shadow" => route with { Shadows = [.. Texts(part).Distinct()] },
                _ => throw File.Wrong(part.Line, $"a route has no '{part.Name}'; it has model, company, stain, classifier, group, settings, hold and shadow"),
            };
        }
        if (route.Shadows.Contains(route.Classifier)) throw File.Wrong(item.Line, $"{route.Classifier} cannot be its own shadow");
        return route.Classifier.Length > 0 ? route : throw File.Wrong(item.Line, "the route names no classifier");
    }

    IReadOnlyList<string> Files(LocatedMember part)
    {
        var named = Texts(part);
        return named.FirstOrDefault(path => !System.IO.File.Exists(path)) is { } missing ? throw File.Wrong(part.Line, $"the file {missing} does not exist") : named;
    }

    JsonObject Settings(LocatedMember part)
    {
        CheckNames(part.Value);
        return part.Value.ToObject() ?? throw File.Wrong(part.Line, "'settings' must be an object");
    }

    void CheckNames(LocatedJson value)
    {
        if (value.Members is not null)
            foreach (var member in Members(value, "an object")) CheckNames(member.Value);
        foreach (var item in value.Items ?? []) CheckNames(item);
    }
}
