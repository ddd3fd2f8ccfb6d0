using System.Globalization;
using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The problems found so far.</summary>
sealed class Problems(ResultsStrictness strictness)
{
    /// <summary>More problems help nobody, and a million-point result has room for a million.</summary>
    const int Most = 100;

    readonly List<ResultsProblem> found = [];

    public IReadOnlyList<ResultsProblem> Found => found;

    public bool Full => found.Count >= Most;

    public bool IsBridge => strictness is ResultsStrictness.Bridge;

    public void Add(string path, string what, string expected)
    {
        if (!Full) found.Add(new ResultsProblem(path, what, expected));
    }
}

/// <summary>A value in the results, with its path: what the rules are asked of.</summary>
readonly record struct Node(JsonElement Value, string Path, Problems Problems)
{
    /// <summary>As much of a text as is told.</summary>
    const int LongestTold = 40;

    public JsonValueKind Kind => Value.ValueKind;

    /// <summary>Refuses the value.</summary>
    /// <returns>False, so that a rule can end with it.</returns>
    public bool Refuse(string expected)
    {
        Problems.Add(Path, Told(), expected);
        return false;
    }

    public bool IsObject(string expected = "an object") => Kind is JsonValueKind.Object || Refuse(expected);

    public bool IsString(string expected = "a string") => Kind is JsonValueKind.String || Refuse(expected);

    public bool IsBoolean(string expected = "true or false") => Kind is JsonValueKind.True or JsonValueKind.False || Refuse(expected);

    public bool IsNumber(string expected = "a number") => (Kind is JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number)) || Refuse(expected);

    public bool IsScalar(string expected = "a string, a number or a truth value") =>
        Kind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False || (Kind is JsonValueKind.Number ? IsNumber() : Refuse(expected));

    /// <summary>A member that may be absent; null counts as absent.</summary>
    public Node? Optional(string name) =>
        Value.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null ? new Node(member, PathOf(name), Problems) : null;

    /// <summary>A member that must be there.</summary>
    public Node? Required(string name, string expected)
    {
        if (Value.TryGetProperty(name, out var member)) return new Node(member, PathOf(name), Problems);
        Problems.Add(PathOf(name), "nothing", expected);
        return null;
    }

    /// <summary>The members of an object, by name.</summary>
    public IEnumerable<(string Name, Node Node)> Members()
    {
        var (path, problems) = (Path, Problems);
        return Value.EnumerateObject().Select(m => (m.Name, new Node(m.Value, Join(path, m.Name), problems)));
    }

    /// <summary>The elements of a list; none, with a problem, where it is no list.</summary>
    public IEnumerable<Node> Elements(string expected)
    {
        if (Kind is not JsonValueKind.Array)
        {
            Refuse(expected);
            return [];
        }
        var (path, problems) = (Path, Problems);
        return Value.EnumerateArray().TakeWhile(_ => !problems.Full)
            .Select((element, i) => new Node(element, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), problems));
    }

    string PathOf(string name) => Join(Path, name);

    static string Join(string path, string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? $"{path}.{name}" : $"{path}['{Shortened(name)}']";

    string Told() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {Value.GetArrayLength()}",
        JsonValueKind.String => $"\"{Shortened(Value.GetString()!)}\"",
        JsonValueKind.Null => "null",
        _ => Shortened(Value.GetRawText()),
    };

    static string Shortened(string text) => text.Length <= LongestTold ? text : text[..LongestTold] + "…";
}
