namespace Slidebridge.Settings;

/// <summary>The settings' values from wherever they came, each checked when it is read.</summary>
sealed class SettingValues
{
    /// <summary>Texts of a setting, and where they came from, for the error that names it.</summary>
    sealed record Given(IReadOnlyList<string> Texts, string Origin, bool IsFromFile = false);

    readonly Dictionary<Setting, Given> given = [];
    readonly SettingValues? outer;

    /// <param name="settings">The settings that exist.</param>
    /// <param name="flags">What the command line gave.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="file">What the file gave, by key, or null.</param>
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

    /// <summary>The file, for what it holds beside settings; or null.</summary>
    public SettingsFile? File { get; }

    /// <summary>These values, with some of them replaced.</summary>
    /// <param name="texts">The settings with their texts, and where those are from.</param>
    public SettingValues With(IEnumerable<(Setting Setting, string Text, string Origin)> texts)
    {
        var inner = new SettingValues(this);
        foreach (var (setting, text, origin) in texts) inner.given[setting] = new([text], origin);
        return inner;
    }

    /// <summary>A flag, a variable or the file gave it.</summary>
    public bool IsSet(Setting setting) => Find(setting) is not null;

    /// <summary>Neither a flag nor a variable gave it.</summary>
    public bool IsFromFile(Setting setting) => Find(setting) is { IsFromFile: true };

    /// <summary>A setting's value: what was given, or its default. Of an optional one, null where nothing was given.</summary>
    /// <exception cref="SettingException">It cannot be; the message names the setting.</exception>
    public T Get<T>(Setting<T> setting)
    {
        if (Find(setting) is { } found) return setting.Parse(found.Texts[^1], found.Origin);
        return setting.Default is { } text ? setting.Parse(text) : default!;
    }

    /// <summary>A setting's values; none where nothing was given.</summary>
    /// <inheritdoc cref="Get{T}(Setting{T})"/>
    public IReadOnlyList<T> Get<T>(ListSetting<T> setting) => Find(setting) is { } found ? setting.Parse(found.Texts, found.Origin) : [];

    Given? Find(Setting setting) => given.GetValueOrDefault(setting) ?? outer?.Find(setting);
}
