namespace Slidebridge.Settings;

/// <summary>
/// One setting, under its three names: the flag <c>--api-key-id</c>, the variable <c>SLIDEBRIDGE_API_KEY_ID</c>
/// and <c>apiKeyId</c> in <c>slidebridge.json</c>. The flag wins over the variable, the variable over the file.
/// </summary>
/// <param name="Name">In kebab case.</param>
/// <param name="Placeholder">What stands for the value in the help.</param>
/// <param name="Help">What it does, in one line.</param>
/// <param name="Default">The value where nobody gives one, or null.</param>
/// <param name="Secret">Its value is never shown, not even in an error.</param>
/// <param name="Many">It takes several values.</param>
sealed record Setting(string Name, string Placeholder, string Help, string? Default = null, bool Secret = false, bool Many = false)
{
    public string Flag => "--" + Name;

    /// <summary>Its value is yes or no; the flag alone means yes.</summary>
    public bool IsSwitch => Placeholder == "YES/NO";

    public string Variable => "SLIDEBRIDGE_" + Name.ToUpperInvariant().Replace('-', '_');

    public string Key => string.Concat(Name.Split('-').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
