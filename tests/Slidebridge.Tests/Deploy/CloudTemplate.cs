using System.Text.RegularExpressions;
using Slidebridge.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.Tests.Deploy;

/// <summary>A resource of a CloudFormation template.</summary>
sealed record CloudResource(string Name, YamlMappingNode Node)
{
    public string Type => CloudTemplate.Text(Node, "Type")!;

    public YamlMappingNode Properties => (YamlMappingNode)Node["Properties"];
}

/// <summary>A CloudFormation template with its short tags: <c>!Ref</c>, <c>!Sub</c>, <c>!GetAtt</c>, <c>!Select</c>, <c>!GetAZs</c>.</summary>
sealed partial class CloudTemplate
{
    static readonly string[] Pseudo = ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix"];

    readonly YamlMappingNode root;

    public CloudTemplate(string file)
    {
        using var text = new StreamReader(Path.Combine(Repository.Root, file));
        var yaml = new YamlStream();
        yaml.Load(text);
        root = (YamlMappingNode)yaml.Documents.Single().RootNode;
        Parameters = Section("Parameters").ToDictionary(p => p.Name, p => p.Node);
        Resources = [.. Section("Resources").Select(r => new CloudResource(r.Name, r.Node))];
    }

    public IReadOnlyDictionary<string, YamlMappingNode> Parameters { get; }

    public IReadOnlyList<CloudResource> Resources { get; }

    public CloudResource this[string name] => Resources.Single(r => r.Name == name);

    public IEnumerable<CloudResource> Of(string type) => Resources.Where(r => r.Type == type);

    /// <summary>Names that a part of the template refers to, with the attribute of <c>!GetAtt</c>. Pseudo parameters of AWS are left out.</summary>
    public static IEnumerable<(string Name, string? Attribute)> References(YamlNode node) => All(node).SelectMany(Of).Where(r => !Pseudo.Contains(r.Name));

    /// <summary>References anywhere in the template.</summary>
    public IEnumerable<(string Name, string? Attribute)> References() => References(root);

    /// <summary>Tags of CloudFormation's functions that are used.</summary>
    public IEnumerable<string> Tags() => All(root).Where(n => !n.Tag.IsEmpty && n.Tag.Value.StartsWith('!')).Select(n => n.Tag.Value).Distinct();

    static IEnumerable<(string Name, string? Attribute)> Of(YamlNode node) => (node.Tag.IsEmpty ? "" : node.Tag.Value, node) switch
    {
        ("!Ref", YamlScalarNode name) => [(name.Value!, null)],
        ("!GetAtt", YamlScalarNode path) => [(path.Value!.Split('.', 2)[0], path.Value!.Split('.', 2)[1])],
        ("!Sub", YamlScalarNode text) => Inserted().Matches(text.Value!).Select(m => m.Groups[1].Value.Split('.', 2)).Select(parts => (parts[0], parts.ElementAtOrDefault(1))),
        (_, YamlMappingNode map) when map.Children.TryGetValue("DependsOn", out var names) => names is YamlSequenceNode many ? many.OfType<YamlScalarNode>().Select(n => (n.Value!, (string?)null)) : [(names.ToString(), null)],
        _ => [],
    };

    public static IEnumerable<YamlNode> All(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => All(c.Value)).Prepend(map),
        YamlSequenceNode list => list.Children.SelectMany(All).Prepend(list),
        _ => [node],
    };

    /// <summary>Every mapping below a node that has this key, and its value.</summary>
    public static IEnumerable<(YamlMappingNode In, YamlNode Value)> Members(YamlNode node, string key) =>
        All(node).OfType<YamlMappingNode>().Where(m => m.Children.ContainsKey(key)).Select(m => (m, m[key]));

    public IEnumerable<(YamlMappingNode In, YamlNode Value)> Members(string key) => Members(root, key);

    public static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) && value is YamlScalarNode scalar ? scalar.Value : null;

    /// <summary>A value that may be one text or a list.</summary>
    public static IReadOnlyList<string> Texts(YamlNode node) => node is YamlSequenceNode list ? [.. list.Select(n => ((YamlScalarNode)n).Value!)] : [((YamlScalarNode)node).Value!];

    IEnumerable<(string Name, YamlMappingNode Node)> Section(string name) => ((YamlMappingNode)root[name]).Select(e => (((YamlScalarNode)e.Key).Value!, (YamlMappingNode)e.Value));

    [GeneratedRegex(@"\$\{([A-Za-z0-9:.]+)\}")]
    private static partial Regex Inserted();
}
