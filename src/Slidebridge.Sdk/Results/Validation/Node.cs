using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>A value in the results, with its path: what the rules are asked of.</summary>
readonly record struct Node(JsonElement Value, string Path, Problems Problems)
{
    /// <summary>As much of a text as is told.</summary>
    const int LongestTold = 40;

    /// <summary>JSON may hold text that is no Unicode: half a surrogate pair, or bytes that are no UTF-8.</summary>
    const string NoText = "text that is not Unicode";

    public JsonValueKind Kind => Value.ValueKind;

    /// <summary>False for a string that is not Unicode.</summary>
    public bool IsUnicode => Kind is not JsonValueKind.String || IsPlain || TextOf(Value.GetString) is not null;

    /// <summary>Seen from its bytes, without a copy: nothing is escaped, and it is UTF-8.</summary>
    bool IsPlain => JsonMarshal.GetRawUtf8Value(Value) is var raw && !raw.Contains((byte)'\\') && Utf8.IsValid(raw);

    /// <summary>Refuses the value.</summary>
    /// <returns>False, so that a rule can end with it.</returns>
    public bool Refuse(string expected)
    {
        Problems.Add(Path, Told(), expected);
        return false;
    }

    public bool IsObject(string expected = "an object") => Kind is JsonValueKind.Object || Refuse(expected);

    public bool IsString(string expected = "a string") => Text(expected) is not null;

    public bool IsBoolean(string expected) => Kind is JsonValueKind.True or JsonValueKind.False || Refuse(expected);

    public bool IsNumber(string expected = "a finite number") => (Kind is JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number)) || Refuse(expected);

    /// <summary>The string; null, with a problem, where it is none.</summary>
    public string? Text(string expected)
    {
        if (Kind is JsonValueKind.String && TextOf(Value.GetString) is { } text) return text;
        Refuse(expected);
        return null;
    }

    /// <summary>A member that may be absent; null counts as absent.</summary>
    public Node? Optional(string name) =>
        Value.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null ? new Node(member, Join(Path, name), Problems) : null;

    /// <summary>A member that must be there.</summary>
    public Node? Required(string name, string expected)
    {
        if (Value.TryGetProperty(name, out var member)) return new Node(member, Join(Path, name), Problems);
        Problems.Add(Join(Path, name), "nothing", expected);
        return null;
    }

    /// <summary>A member that must be there and not null.</summary>
    public void RequiredNonNull(string name, string expected)
    {
        if (Required(name, expected) is { Kind: JsonValueKind.Null } member) member.Refuse(expected);
    }

    /// <summary>The members of an object, whatever their names.</summary>
    public IEnumerable<Node> Members()
    {
        foreach (var member in Value.EnumerateObject())
        {
            if (Problems.Full) yield break;
            if (TextOf(() => member.Name) is { } name) yield return new Node(member.Value, Join(Path, name), Problems);
            else Problems.Add(Path, NoText, "names that are Unicode text");
        }
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

    static string Join(string path, string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? $"{path}.{name}" : $"{path}['{Shortened(name)}']";

    string Told() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {Value.GetArrayLength()}",
        JsonValueKind.String => TextOf(Value.GetString) is { } text ? $"\"{Shortened(text)}\"" : NoText,
        JsonValueKind.Null => "null",
        _ => Shortened(Value.GetRawText()),
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

    /// <summary>The text's beginning, escaped as in JSON, so that no line break of it ends a log's line.</summary>
    static string Shortened(string text) => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text.Length <= LongestTold ? text : text[..LongestTold]) + (text.Length <= LongestTold ? "" : "…");
}
