using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>
/// A mapping of a YAML file that is read key by key. Every error names the file, the line and the full key, and <see cref="End"/>
/// refuses keys that were not read, so that a misspelt key is not ignored.
/// </summary>
sealed class YamlMap
{
    readonly string file, path;
    readonly YamlMappingNode node;
    readonly HashSet<string> asked = [];

    public YamlMap(string file, string path, YamlNode node)
    {
        (this.file, this.path) = (file, path);
        this.node = node as YamlMappingNode ?? throw Fail(file, node, path.Length == 0 ? "The file" : path, "must be a mapping of keys", node);
    }

    public string File => file;

    public bool Has(string key) => Find(key) is not null;

    public string? Text(string key) => Find(key) is { } value ? Scalar(key, value, "a text") : null;

    public string RequiredText(string key, string what) => Text(key) is { Length: > 0 } text ? text : throw Missing(key, what);

    public double? Number(string key, double least, double most, string expected)
    {
        if (Find(key) is not { } value) return null;
        return Parse(key, value, expected) is var number && number >= least && number <= most ? number : throw Wrong(key, expected);
    }

    public int? Whole(string key, int least, int most, string expected) =>
        Number(key, least, most, expected) is not { } number ? null : number == Math.Floor(number) ? (int)number : throw Wrong(key, expected);

    public bool? Flag(string key) => Find(key) is not { } value ? null : Scalar(key, value, "true or false") switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>One of some words.</summary>
    public T? OneOf<T>(string key, params ReadOnlySpan<(string Word, T Value)> words) where T : struct
    {
        var expected = $"one of {string.Join(", ", words.ToArray().Select(w => w.Word))}";
        if (Find(key) is not { } value) return null;
        var text = Scalar(key, value, expected);
        foreach (var (word, meaning) in words)
            if (word == text) return meaning;
        throw Wrong(key, expected);
    }

    /// <summary>A number, or a list with one number per channel.</summary>
    public float[]? Channels(string key, string expected)
    {
        if (Find(key) is not { } value) return null;
        if (value is not YamlSequenceNode list) return [.. Enumerable.Repeat((float)Parse(key, value, expected), 3)];
        if (list.Children.Count != 3) throw Wrong(key, expected);
        return [.. list.Children.Select(n => (float)Parse(key, n, expected))];
    }

    public IReadOnlyList<double>? Numbers(string key, double least, double most, string expected) =>
        Items(key, expected)?.Select(n => Parse(key, n, expected) is var number && number >= least && number <= most ? number : throw Wrong(key, expected)).ToArray();

    public IReadOnlyList<string>? Texts(string key, string expected) => Items(key, expected)?.Select(n => Scalar(key, n, expected)).ToArray();

    public YamlMap? Map(string key) => Find(key) is { } value ? new YamlMap(file, Full(key), value) : null;

    public YamlMap RequiredMap(string key, string what) => Map(key) ?? throw Missing(key, what);

    /// <summary>A mapping, or <c>true</c> for an empty one; null for <c>false</c> or if there is none.</summary>
    public YamlMap? Switch(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode { Value: "true" } scalar => new YamlMap(file, Full(key), new YamlMappingNode()),
        YamlScalarNode { Value: "false" } => null,
        YamlScalarNode => throw Wrong(key, "true, false or a mapping of keys"),
        var value => new YamlMap(file, Full(key), value),
    };

    public IReadOnlyList<YamlMap> Maps(string key, string expected) =>
        [.. (Items(key, expected) ?? []).Select((n, i) => new YamlMap(file, $"{Full(key)}[{i}]", n))];

    /// <summary>A mapping, or a list of mappings.</summary>
    public IReadOnlyList<YamlMap> OneOrMore(string key, string expected) => Find(key) switch
    {
        null => [],
        YamlSequenceNode => Maps(key, expected),
        var value => [new YamlMap(file, Full(key), value)],
    };

    /// <summary>Refuses every key that was not read.</summary>
    /// <exception cref="ModelFileException">There is an unknown key.</exception>
    public void End()
    {
        foreach (var key in node.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !asked.Contains(name))
                throw Fail(file, key, Full(key.ToString()), $"is an unknown key; the keys are {string.Join(", ", asked.Order(StringComparer.Ordinal))}");
    }

    public ModelFileException Missing(string key, string what) => Fail(file, node, Full(key), $"is missing: {what}");

    /// <summary>The error for a value; it includes the value found.</summary>
    public ModelFileException Wrong(string key, string expected)
    {
        var value = Find(key);
        return Fail(file, value ?? node, Full(key), $"must be {expected}", value);
    }

    /// <summary>The error for a key, with its own sentence.</summary>
    public ModelFileException Fail(string key, string sentence) => Fail(file, Find(key) ?? node, Full(key), sentence);

    static ModelFileException Fail(string file, YamlNode at, string key, string sentence, YamlNode? found = null)
    {
        var there = found switch
        {
            null => "",
            YamlScalarNode { Value: { } text } => $"; '{(text.Length > 60 ? text[..60] + "…" : text)}' was found",
            YamlSequenceNode => "; a list was found",
            _ => "; a mapping was found",
        };
        return new ModelFileException($"{file}, line {at.Start.Line}: {key} {sentence}{there}.");
    }

    IList<YamlNode>? Items(string key, string expected) => Find(key) switch
    {
        null => null,
        YamlSequenceNode list => list.Children,
        _ => throw Wrong(key, expected),
    };

    double Parse(string key, YamlNode value, string expected) =>
        double.TryParse(Scalar(key, value, expected), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : throw Wrong(key, expected);

    string Scalar(string key, YamlNode value, string expected) => value is YamlScalarNode { Value: { } text } ? text : throw Wrong(key, expected);

    YamlNode? Find(string key)
    {
        asked.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var value) && value is not YamlScalarNode { Value: null or "" or "~" or "null", Style: YamlDotNet.Core.ScalarStyle.Plain } ? value : null;
    }

    string Full(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
