using System.Text.Json;

namespace Slidebridge.Settings;

/// <summary><c>slidebridge.json</c>: an object of settings by their keys.</summary>
sealed class SettingsFile
{
    readonly Dictionary<string, IReadOnlyList<string>> values = [];

    SettingsFile(string path) => Path = path;

    public string Path { get; }

    public IReadOnlyList<string>? Find(Setting setting) => values.GetValueOrDefault(setting.Key);

    /// <summary>Reads the file; null where there is none and none was asked for.</summary>
    /// <param name="asked">The file that was asked for, or null: then <c>slidebridge.json</c> of this directory, if it is there.</param>
    /// <exception cref="SettingException">The file is missing though asked for, is no such JSON, or holds a key that is no setting.</exception>
    public static SettingsFile? Read(string? asked, IEnumerable<Setting> settings)
    {
        var path = asked ?? "slidebridge.json";
        if (!File.Exists(path)) return asked is null ? null : throw new SettingException($"--config: there is no file {asked}.");
        var known = settings.ToDictionary(s => s.Key);
        var file = new SettingsFile(path);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var member in json.RootElement.EnumerateObject())
                file.values[member.Name] = Values(known.GetValueOrDefault(member.Name) ?? throw new SettingException($"{path}: there is no setting '{member.Name}'."), member.Value, path);
            return file;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingException($"{path}: {(e is JsonException j ? $"not valid JSON at line {j.LineNumber + 1}, byte {j.BytePositionInLine + 1}" : "an object of settings is expected")}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{path} cannot be read: {e.Message}");
        }
    }

    static IReadOnlyList<string> Values(Setting setting, JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.Array when setting.Many && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(v => v.GetString()!)],
        _ => throw new SettingException($"{path}: {setting.Key} must be a string or a number{(setting.Many ? ", or a list of strings" : "")}."),
    };
}
