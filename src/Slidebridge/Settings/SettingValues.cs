namespace Slidebridge.Settings;

/// <summary>The settings' values from all their sources; each value is checked when it is read.</summary>
sealed class SettingValues
{
    /// <summary>A setting's texts, and where they are from, for the error message.</summary>
    sealed record Given(IReadOnlyList<string> Texts, string Origin, bool IsFromFile = false);

    readonly Dictionary<Setting, Given> given = [];
    readonly SettingValues? outer;

    /// <param name="settings">The settings that exist.</param>
    /// <param name="flags">The flags of the command line.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="file">The settings file, or null.</param>
    public SettingValues(IEnumerable<Setting> settings, Func<Setting, IReadOnlyList<string>?> flags, Func<string, string?> variables, SettingsFile? file)
    {
        File = file;
        foreach (var setting in settings)
        {
            if (flags(setting) is { Count: > 0 } flag) given[setting] = new(flag, setting.Flag);
            else if (variables(setting.Variable) is { Length: > 0 } variable)
                given[setting] = new(setting.IsList ? variable.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [variable], setting.Variable);
            else if (file?.Find(setting) is { } fromFile) given[setting] = new(fromFile, $"{setting.Key} in {file.Path}", IsFromFile: true);
        }
    }

    SettingValues(SettingValues outer) => (this.outer, File) = (outer, outer.File);

    /// <summary>The settings file, for its other sections; or null.</summary>
    public SettingsFile? File { get; }

    /// <summary>These values, with some of them replaced.</summary>
    /// <param name="texts">The settings with their texts, and where the texts are from.</param>
    public SettingValues With(IEnumerable<(Setting Setting, string Text, string Origin)> texts)
    {
        var inner = new SettingValues(this);
        foreach (var (setting, text, origin) in texts) inner.given[setting] = new([text], origin);
        return inner;
    }

    /// <summary>The setting is set by a flag, a variable or the file.</summary>
    public bool IsSet(Setting setting) => Find(setting) is not null;

    /// <summary>The setting is set by the file, and by neither a flag nor a variable.</summary>
    public bool IsFromFile(Setting setting) => Find(setting) is { IsFromFile: true };

    /// <summary>A setting's value, or its default. An optional setting that is not set: null.</summary>
    /// <exception cref="SettingException">The value is invalid; the message names the setting.</exception>
    public T Get<T>(Setting<T> setting)
    {
        if (Find(setting) is { } found) return setting.Parse(found.Texts[^1], found.Origin);
        return setting.Default is { } text ? setting.Parse(text) : default!;
    }

    /// <summary>A setting's values; empty if it is not set.</summary>
    /// <inheritdoc cref="Get{T}(Setting{T})"/>
    public IReadOnlyList<T> Get<T>(ListSetting<T> setting) => Find(setting) is { } found ? setting.Parse(found.Texts, found.Origin) : [];

    /// <summary>Settings with their texts and origins, for people; a secret's text is hidden.</summary>
    public IReadOnlyList<SettingInForce> InForce(IEnumerable<Setting> settings) => [.. settings.Select(setting =>
    {
        var found = Find(setting);
        var text = found is null ? setting.Default : string.Join(", ", found.Texts);
        return new SettingInForce(setting, setting.IsSecret && text is not null ? "(hidden)" : text, found?.Origin);
    })];

    Given? Find(Setting setting) => given.GetValueOrDefault(setting) ?? outer?.Find(setting);
}
