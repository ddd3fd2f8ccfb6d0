using System.Text.Json;

namespace Slidebridge.Settings;

/// <summary>Reads the values of a section of <c>slidebridge.json</c>; each error names its line.</summary>
/// <param name="file">The file.</param>
abstract class SectionReader(SettingsFile file)
{
    protected SettingsFile File => file;

    protected IReadOnlyList<LocatedMember> Members(LocatedJson value, string expected)
    {
        var members = value.Members ?? throw file.Wrong(value.Line, $"this must be {expected}");
        return members.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice ? throw file.Wrong(twice.Last().Line, $"'{twice.Key}' occurs twice") : members;
    }

    protected string Text(LocatedMember part) => part.Value is { Kind: JsonValueKind.String or JsonValueKind.Number, Text: { } text } && text.Trim() is { Length: > 0 } value
        ? value : throw file.Wrong(part.Line, $"'{part.Name}' must be a string that is not empty");

    protected IReadOnlyList<string> Texts(LocatedMember part) => part.Value switch
    {
        { Items: { Count: > 0 } items } when items.All(i => i.Kind is JsonValueKind.String) => [.. items.Select(i => i.Text!)],
        { Items: not null } => throw file.Wrong(part.Line, $"'{part.Name}' must be a string or a list of strings"),
        _ => [Text(part)],
    };

    protected bool Flag(LocatedMember part) => part.Value.Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw file.Wrong(part.Line, $"'{part.Name}' must be true or false"),
    };

    /// <summary>A value of a setting's kind.</summary>
    protected T Value<T>(LocatedMember part, ValueKind<T> kind)
    {
        try
        {
            return kind.Parse(Text(part));
        }
        catch (FormatException e)
        {
            throw file.Wrong(part.Line, $"{part.Name}: {e.Message}");
        }
    }
}
