using System.Runtime.InteropServices;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>A value in the results, with its position; the rules check nodes. A node is valid until the list or object that contains it moves to the next element.</summary>
readonly struct Node
{
    const string NoText = "text that is not Unicode";

    readonly JsonElement value;
    readonly LargeValue? large;
    readonly Place place;

    public Node(JsonElement value, Place place, Problems problems) => (this.value, this.place, Problems) = (value, place, problems);

    public Node(LargeValue large, Place place, Problems problems) => (this.large, this.place, Problems) = (large, place, problems);

    public Problems Problems { get; }

    /// <summary>Its JSON path.</summary>
    public string Path => place.ToString();

    public JsonValueKind Kind => large is null ? value.ValueKind : large.IsObject ? JsonValueKind.Object : JsonValueKind.Array;

    /// <summary>False for a string that is not Unicode.</summary>
    public bool IsUnicode => Kind is not JsonValueKind.String || UnicodeText.Is(JsonMarshal.GetRawUtf8Value(value));

    /// <summary>The number of elements of a list.</summary>
    public int Length => large?.Count ?? value.GetArrayLength();

    /// <summary>The number; valid only after <see cref="IsNumber"/> returned true.</summary>
    public double Number => value.GetDouble();

    /// <summary>Adds a problem for the value.</summary>
    /// <returns>False, so that a rule can return it.</returns>
    public bool Refuse(string expected)
    {
        if (!Problems.Full) Problems.Add(Path, Describe(), expected);
        return false;
    }

    public bool IsObject(string expected = "an object") => Kind is JsonValueKind.Object || Refuse(expected);

    public bool IsString(string expected = "a string") => (Kind is JsonValueKind.String && IsUnicode) || Refuse(expected);

    public bool IsBoolean(string expected) => Kind is JsonValueKind.True or JsonValueKind.False || Refuse(expected);

    public bool IsNumber(string expected = "a finite number") => (Kind is JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)) || Refuse(expected);

    /// <summary>The string; null, with a problem, if the value is not a string.</summary>
    public string? Text(string expected) => IsString(expected) ? value.GetString() : null;

    public bool Has(string name) => Find(name) is not null;

    /// <summary>An optional member; null counts as absent.</summary>
    public Node? Optional(string name) => Find(name) is { Kind: not JsonValueKind.Null } member ? member : null;

    /// <summary>A required member.</summary>
    public Node? Required(string name, string expected)
    {
        if (Find(name) is { } member) return member;
        if (!Problems.Full) Problems.Add(place.Member(name).ToString(), "nothing", expected);
        return null;
    }

    /// <summary>A required member that must not be null.</summary>
    public void RequiredNonNull(string name, string expected)
    {
        if (Required(name, expected) is { Kind: JsonValueKind.Null } member) member.Refuse(expected);
    }

    /// <summary>All members of an object.</summary>
    public IEnumerable<Node> Members()
    {
        var (at, problems) = (place, Problems);
        foreach (var (name, member) in large is null ? MembersOf(value, at, problems) : LargeMembers(large, at, problems))
        {
            if (problems.Full) yield break;
            if (name is not null) yield return member;
            else problems.Add(at.ToString(), NoText, "names that are Unicode text");
        }
    }

    /// <summary>The elements of a list; none, with a problem, if the value is not a list.</summary>
    public IEnumerable<Node> Elements(string expected)
    {
        if (Kind is not JsonValueKind.Array)
        {
            Refuse(expected);
            return [];
        }
        return large is null ? ElementsOf(value, 0, place, Problems) : LargeElements(large, place, Problems);
    }

    /// <summary>Whether the first element of a list that is not empty equals its last.</summary>
    public bool IsClosed()
    {
        if (large is null) return JsonElement.DeepEquals(value[0], value[value.GetArrayLength() - 1]);
        JsonElement? first = null;
        var last = default(JsonElement);
        foreach (var part in large.Parts())
        {
            using var several = part.Several;
            first ??= several is null ? part.One!.ToElement() : several.RootElement[0].Clone();
            last = several is null ? part.One!.ToElement() : several.RootElement[several.RootElement.GetArrayLength() - 1].Clone();
        }
        return JsonElement.DeepEquals(first!.Value, last);
    }

    /// <summary>A member; if there are several with the name, the last one, as JSON readers do.</summary>
    Node? Find(string name)
    {
        if (large is null) return value.TryGetProperty(name, out var member) ? new Node(member, place.Member(name), Problems) : null;
        Node? found = null;
        foreach (var part in large.Parts())
        {
            if (part.One is { } one)
            {
                if (part.Name == name) found = one.ToNode(place.Member(name), Problems);
                continue;
            }
            using var several = part.Several!;
            if (several.RootElement.TryGetProperty(name, out var small)) found = new Node(small.Clone(), place.Member(name), Problems);
        }
        return found;
    }

    static IEnumerable<(string? Name, Node Member)> MembersOf(JsonElement value, Place place, Problems problems)
    {
        foreach (var member in value.EnumerateObject())
        {
            var name = TextOf(() => member.Name);
            yield return (name, new Node(member.Value, name is null ? place : place.Member(name), problems));
        }
    }

    static IEnumerable<(string? Name, Node Member)> LargeMembers(LargeValue large, Place place, Problems problems)
    {
        foreach (var part in large.Parts())
        {
            if (part.One is { } one)
            {
                yield return (part.Name, one.ToNode(part.Name is null ? place : place.Member(part.Name), problems));
                continue;
            }
            using var several = part.Several!;
            foreach (var member in MembersOf(several.RootElement, place, problems)) yield return member;
        }
    }

    static IEnumerable<Node> ElementsOf(JsonElement value, int index, Place place, Problems problems)
    {
        foreach (var element in value.EnumerateArray())
        {
            if (problems.Full) yield break;
            yield return new Node(element, place.Element(index++), problems);
        }
    }

    static IEnumerable<Node> LargeElements(LargeValue large, Place place, Problems problems)
    {
        var index = 0;
        foreach (var part in large.Parts())
        {
            if (problems.Full) yield break;
            if (part.One is { } one)
            {
                yield return one.ToNode(place.Element(index++), problems);
                continue;
            }
            using var several = part.Several!;
            foreach (var element in ElementsOf(several.RootElement, index, place, problems)) yield return element;
            index += several.RootElement.GetArrayLength();
        }
    }

    string Describe() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {Length}",
        JsonValueKind.String => IsUnicode ? $"\"{Place.Shortened(value.GetString()!)}\"" : NoText,
        JsonValueKind.Null => "null",
        _ => Place.Shortened(value.GetRawText()),
    };

    static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
