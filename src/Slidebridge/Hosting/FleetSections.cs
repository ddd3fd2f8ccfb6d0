using System.Globalization;
using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;
using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Reads <c>fleet</c> of <c>slidebridge.json</c>.</summary>
/// <param name="file">The file.</param>
sealed class FleetSections(SettingsFile file) : SectionReader(file)
{
    const string Expected = "an object such as { \"group\": \"gpu\", \"engine\": \"slurm\", \"most\": 8, \"slurm\": { … } }", Engines = "slurm, kubernetes, batch, command or process";

    static readonly ValueKind<int> Count = ValueKind.Number(0, 10_000), Some = ValueKind.Number(1, 10_000);

    static readonly ValueKind<TimeSpan> Second = ValueKind.Time(TimeSpan.FromSeconds(1));

    /// <summary>The groups whose workers are started.</summary>
    /// <exception cref="SettingException">The file is invalid; the message names the line.</exception>
    public IReadOnlyList<FleetGroup> Groups()
    {
        if (File.Section(SettingsFile.Fleet) is not { } section) return [];
        var items = section.Value.Items ?? throw File.Wrong(section.Line, "fleet must be a list, with " + Expected + " for each group");
        var groups = new List<FleetGroup>();
        foreach (var item in items)
        {
            var group = Group(item);
            if (groups.Any(other => other.Group == group.Group)) throw File.Wrong(item.Line, $"the group {group.Group} occurs twice in fleet");
            groups.Add(group);
        }
        return groups;
    }

    FleetGroup Group(LocatedJson item)
    {
        var parts = Members(item, Expected);
        var kind = Find(parts, "engine") ?? throw File.Wrong(item.Line, $"the fleet has no 'engine': {Engines}");
        var name = Find(parts, "group") ?? throw File.Wrong(item.Line, "the fleet has no 'group', whose workers it starts");
        var (engine, text) = (Text(kind), Text(name));
        if (!FleetNames.IsGroup(text)) throw File.Wrong(name.Line, $"the group of a fleet has at most {FleetNames.LongestGroup} lower-case letters, digits and '-', and begins with a letter: '{text}'");
        if (parts.FirstOrDefault(part => IsEngine(part.Name) && part.Name != engine) is { } other) throw File.Wrong(other.Line, $"the engine of this fleet is {engine}, so it has no section '{other.Name}'");
        var group = new FleetGroup(text, Engine(engine, kind, Find(parts, engine)));
        foreach (var part in parts)
        {
            group = part.Name switch
            {
                "least" => group with { Least = Value(part, Count) },
                "most" => group with { Most = Value(part, Some) },
                "tasksPerWorker" => group with { TasksPerWorker = Value(part, Some) },
                "idle" => group with { Idle = Value(part, Second) },
                "startWithin" => group with { StartWithin = Value(part, Second) },
                "price" => group with { Price = Price(part) },
                "bridge" => group with { Bridge = Value(part, ClientSettings.BaseUrl) },
                "group" or "engine" => group,
                _ when IsEngine(part.Name) => group,
                _ => throw File.Wrong(part.Line, $"a fleet has no '{part.Name}'; it has group, engine, least, most, tasksPerWorker, idle, startWithin, price, bridge and a section with the engine's name"),
            };
        }
        if (group.Least > group.Most) throw File.Wrong(item.Line, $"'least' ({group.Least}) is more than 'most' ({group.Most})");
        group.Engine.Check(text);
        return group;
    }

    static LocatedMember? Find(IReadOnlyList<LocatedMember> parts, string name) => parts.FirstOrDefault(part => part.Name == name);

    static bool IsEngine(string name) => name is "slurm" or "kubernetes" or "batch" or "command" or "process";

    double Price(LocatedMember part) => double.TryParse(Text(part), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price < 1e6
        ? price : throw File.Wrong(part.Line, "'price' must be the price of a worker's hour, such as 3.06");

    EngineOptions Engine(string engine, LocatedMember kind, LocatedMember? section)
    {
        IReadOnlyList<LocatedMember> parts = section is null ? [] : Members(section.Value, $"an object with the settings of {engine}");
        int line = section?.Line ?? kind.Line;
        switch (engine)
        {
            case "slurm":
                Only(parts, "command", "partition", "options", "prefix");
                return new SlurmOptions(Needed("command", "the worker's command line, such as \"slidebridge work --bridge https://bridge.example\""), Optional("partition"), Words("options"), Words("prefix"));
            case "kubernetes":
                Only(parts, "template", "namespace", "kubeconfig", "context");
                return new KubernetesOptions(Needed("template", "a YAML file with the Job of a worker"), Optional("namespace"), Optional("kubeconfig"), Optional("context"));
            case "batch":
                Only(parts, "queue", "definition", "region", "endpoint");
                return new BatchOptions(Needed("queue", "the job queue's name"), Needed("definition", "the job definition's name"), Optional("region"), Find(parts, "endpoint") is { } endpoint ? Value(endpoint, ClientSettings.BaseUrl) : null);
            case "command":
                Only(parts, "start", "list", "stop");
                return new CommandOptions(Needed("start", "a command line that asks for a worker"), Needed("list", "a command line that prints the workers"), Needed("stop", "a command line that withdraws a request"));
            case "process":
                Only(parts, "command");
                return new ProcessOptions(Optional("command"));
            default:
                throw File.Wrong(kind.Line, $"'{engine}' is not an engine: {Engines}");
        }

        string Needed(string name, string what) => Optional(name) ?? throw File.Wrong(line, $"the engine {engine} has no '{name}': {what}");

        string? Optional(string name) => Find(parts, name) is { } part ? Text(part) : null;

        IReadOnlyList<string> Words(string name) => Find(parts, name) is { } part ? Texts(part) : [];

        void Only(IReadOnlyList<LocatedMember> all, params string[] known)
        {
            if (all.FirstOrDefault(part => !known.Contains(part.Name)) is { } wrong) throw File.Wrong(wrong.Line, $"the engine {engine} has no '{wrong.Name}'; it has {string.Join(", ", known)}");
            // A line break would end a directive of the job's script.
            if (all.FirstOrDefault(part => part.Name != "command" && (part.Value.Items is null ? [part.Value.Text] : part.Value.Items.Select(item => item.Text)).Any(text => text?.Contains('\n') == true)) is { } broken)
                throw File.Wrong(broken.Line, $"'{broken.Name}' must be one line");
        }
    }
}
