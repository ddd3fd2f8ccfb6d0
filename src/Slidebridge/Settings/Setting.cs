namespace Slidebridge.Settings;

/// <summary>
/// One setting, with three names: the flag <c>--api-key-id</c>, the variable <c>SLIDEBRIDGE_API_KEY_ID</c> and <c>apiKeyId</c> in <c>slidebridge.json</c>.
/// The flag overrides the variable, the variable overrides the file. Help, README and errors are generated from it.
/// </summary>
/// <param name="name">In kebab case.</param>
/// <param name="help">What it does or limits, in one or two sentences, with the unit and what 0 or empty means.</param>
abstract class Setting(string name, string help)
{
    public string Name => name;

    public string Help => help;

    /// <summary>The default value, as text; null: none.</summary>
    public string? Default { get; init; }

    /// <summary>The value is never shown, not even in an error.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The setting's key in one classifier's section of <c>slidebridge.json</c>; null if the setting cannot be set for one classifier.</summary>
    public string? SectionKey { get; init; }

    /// <summary>The setting takes several values.</summary>
    public virtual bool IsList => false;

    /// <summary>The placeholder for the value in the help.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The value is yes or no; the flag alone means yes.</summary>
    public abstract bool IsSwitch { get; }

    public string Flag => "--" + Name;

    public string Variable => "SLIDEBRIDGE_" + Name.ToUpperInvariant().Replace('-', '_');

    public string Key => string.Concat(Name.Split('-').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    public override string ToString() => Flag;

    /// <summary>Parses a value.</summary>
    /// <param name="kind">The kind of value.</param>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where the text is from, for the error message.</param>
    /// <exception cref="SettingException">The text is invalid.</exception>
    protected T Parse<T>(ValueKind<T> kind, string text, string origin)
    {
        try
        {
            return kind.Parse(text);
        }
        catch (FormatException e)
        {
            throw new SettingException($"{origin}: {(IsSecret ? e.Message.Replace($"'{text}'", "its value", StringComparison.Ordinal) : e.Message)}.");
        }
    }
}

/// <summary>A setting with one value.</summary>
/// <param name="name">In kebab case.</param>
/// <param name="kind">The kind of value. For a setting without a default, a kind with an "absent" value: <see cref="ValueKind.Optional"/>.</param>
/// <param name="help">What it does or limits.</param>
sealed class Setting<T>(string name, ValueKind<T> kind, string help) : Setting(name, help)
{
    public override string Placeholder => kind.Placeholder;

    public override bool IsSwitch => ReferenceEquals(kind, ValueKind.Switch);

    /// <inheritdoc cref="Setting.Parse"/>
    public T Parse(string text, string? origin = null) => Parse(kind, text, origin ?? Flag);
}

/// <summary>A setting with any number of values: the flag may be repeated, the variable separates them by commas, the file has a list.</summary>
/// <param name="name">In kebab case.</param>
/// <param name="kind">The kind of each value.</param>
/// <param name="help">What it does or limits.</param>
sealed class ListSetting<T>(string name, ValueKind<T> kind, string help) : Setting(name, help)
{
    public override bool IsList => true;

    public override string Placeholder => kind.Placeholder;

    public override bool IsSwitch => false;

    /// <summary>Parses each text.</summary>
    /// <inheritdoc cref="Setting.Parse"/>
    public IReadOnlyList<T> Parse(IReadOnlyList<string> texts, string origin) => [.. texts.Select(text => Parse(kind, text, origin))];
}
