using System.Globalization;
using Slidebridge.Units;

namespace Slidebridge.Settings;

/// <summary>The settings' values from wherever they came, read and checked one by one.</summary>
sealed class SettingValues
{
    /// <summary>A value and where it came from, for the error that names it.</summary>
    sealed record Found(IReadOnlyList<string> Values, string Origin, bool IsFromFile = false);

    readonly Dictionary<Setting, Found> found = [];

    /// <param name="settings">The settings that exist.</param>
    /// <param name="flags">What the command line gave.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="file">What the file gave, by key, or null.</param>
    public SettingValues(IEnumerable<Setting> settings, Func<Setting, IReadOnlyList<string>?> flags, Func<string, string?> variables, SettingsFile? file)
    {
        File = file;
        foreach (var setting in settings)
        {
            if (flags(setting) is { Count: > 0 } given) found[setting] = new(given, setting.Flag);
            else if (variables(setting.Variable) is { Length: > 0 } variable)
                found[setting] = new(setting.Many ? variable.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [variable], setting.Variable);
            else if (file?.Find(setting) is { } fromFile) found[setting] = new(fromFile, $"{setting.Key} in {file.Path}", IsFromFile: true);
        }
    }

    /// <summary>The file, for what it holds beside settings; or null.</summary>
    public SettingsFile? File { get; }

    /// <summary>A flag, a variable or the file gave it.</summary>
    public bool IsSet(Setting setting) => found.ContainsKey(setting);

    /// <summary>Neither a flag nor a variable gave it.</summary>
    public bool IsFromFile(Setting setting) => found.TryGetValue(setting, out var value) && value.IsFromFile;

    public string? Text(Setting setting) => Read(setting, text => text.Trim() is { Length: > 0 } value ? value : null, "a text that is not empty");

    public IReadOnlyList<string> Texts(Setting setting) => found.TryGetValue(setting, out var values) ? values.Values : [];

    public int Number(Setting setting, int least, int most) => Read<int?>(setting,
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null,
        $"a whole number from {least} to {most}")!.Value;

    /// <summary>A time such as <c>500ms</c>, <c>30s</c>, <c>5m</c> or <c>24h</c>.</summary>
    public TimeSpan Time(Setting setting) => Read(setting, Duration.Parse, "a time such as 500ms, 30s, 5m or 24h")!.Value;

    /// <summary>One of these words.</summary>
    public string Choice(Setting setting, params string[] words) => Read(setting, text => words.Contains(text) ? text : null, $"one of {string.Join(", ", words)}")!;

    /// <summary>A time, or null for <c>forever</c> and for zero.</summary>
    public TimeSpan? TimeOrForever(Setting setting) =>
        Text(setting) is "forever" or "0" ? null : Time(setting) is var time && time > TimeSpan.Zero ? time : null;

    /// <summary>An amount such as <c>0</c>, <c>500MB</c> or <c>50GB</c>.</summary>
    public long Bytes(Setting setting) => Read(setting, ByteSize.Parse, "an amount such as 500MB, 50GB or 0")!.Value;

    public Uri? Url(Setting setting) => Read(setting,
        text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null,
        "an http or https URL");

    T? Read<T>(Setting setting, Func<string, T?> parse, string expected)
    {
        var (text, origin) = found.TryGetValue(setting, out var value) ? (value.Values[^1], value.Origin) : (setting.Default, "its default");
        if (text is null) return default;
        return parse(text) ?? throw new SettingException($"{origin}: {(setting.Secret ? "its value" : $"'{text}'")} is not {expected}.");
    }
}
