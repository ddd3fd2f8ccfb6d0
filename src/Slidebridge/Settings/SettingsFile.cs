using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Settings;

/// <summary><c>slidebridge.json</c>: an object with the settings by their keys, and also <c>classifiers</c>, <c>routes</c> and <c>fleet</c>.</summary>
sealed class SettingsFile
{
    /// <summary>The keys of sections that are not flags.</summary>
    public const string Classifiers = "classifiers", Routes = "routes", Fleet = "fleet";

    readonly Dictionary<string, IReadOnlyList<string>> values = [];
    readonly Dictionary<string, LocatedMember> sections = [];

    SettingsFile(string path) => Path = path;

    public string Path { get; }

    public IReadOnlyList<string>? Find(Setting setting) => values.GetValueOrDefault(setting.Key);

    /// <summary><see cref="Classifiers"/>, <see cref="Routes"/> or <see cref="Fleet"/>, if the file has it.</summary>
    public LocatedMember? Section(string name) => sections.GetValueOrDefault(name);

    /// <summary>The file that <c>serve</c> reads if none is named.</summary>
    public const string Usual = "slidebridge.json";

    /// <summary>Reads the file; null if no file was named and the usual one does not exist.</summary>
    /// <param name="asked">The named file, or null: then <see cref="Usual"/> in the current directory, if it exists.</param>
    /// <param name="settings">The settings that exist.</param>
    /// <exception cref="SettingException">The named file does not exist, or the file is not valid JSON, or has a key that is not a setting.</exception>
    public static SettingsFile? Read(string? asked, IEnumerable<Setting> settings)
    {
        var path = asked ?? Usual;
        if (!File.Exists(path)) return asked is null ? null : throw new SettingException($"--config: the file {asked} does not exist.");
        var known = settings.ToDictionary(s => s.Key);
        var file = new SettingsFile(path);
        try
        {
            var json = LocatedJson.Parse(File.ReadAllBytes(path));
            foreach (var member in json.Members ?? throw file.Wrong(json.Line, "the file must be an object of settings"))
            {
                if (!file.values.ContainsKey(member.Name) && !file.sections.ContainsKey(member.Name)) file.Add(member, known);
                else throw file.Wrong(member.Line, $"'{member.Name}' occurs twice");
            }
            return file;
        }
        catch (JsonException e)
        {
            throw new SettingException($"{path}: {ReceivedJson.Fault(e)}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>An error that names the wrong line.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="what">What is wrong, without a full stop.</param>
    public SettingException Wrong(int line, string what) => new($"{Place(line)}: {what}{(what.EndsWith('?') ? "" : ".")}");

    /// <summary>A line of the file: <c>slidebridge.json, line 3</c>.</summary>
    public string Place(int line) => $"{Path}, line {line}";

    void Add(LocatedMember member, Dictionary<string, Setting> known)
    {
        if (member.Name is Classifiers or Routes or Fleet) sections[member.Name] = member;
        else if (known.GetValueOrDefault(member.Name) is { } setting) values[member.Name] = Values(setting, member);
        else throw Wrong(member.Line, $"there is no setting '{member.Name}'{(Spelling.Nearest(member.Name, known.Keys) is { } near ? $"; did you mean '{near}'?" : "")}");
    }

    IReadOnlyList<string> Values(Setting setting, LocatedMember member) =>
        setting.IsList && member.Value.Items is { } items && items.All(v => v.Kind is JsonValueKind.String) ? [.. items.Select(v => v.Text!)] : [Text(member, setting)];

    /// <summary>A setting's value, in the form of a flag's value.</summary>
    /// <exception cref="SettingException">The value has the wrong type; the message names the line.</exception>
    public string Text(LocatedMember member, Setting setting) => member.Value switch
    {
        { Kind: JsonValueKind.String or JsonValueKind.Number, Text: { } text } => text,
        { Kind: JsonValueKind.True } when setting.IsSwitch => "yes",
        { Kind: JsonValueKind.False } when setting.IsSwitch => "no",
        _ => throw Wrong(member.Line, $"{member.Name} must be a string or a number{(setting.IsList ? ", or a list of strings" : setting.IsSwitch ? ", or true or false" : "")}"),
    };
}
