namespace Slidebridge.Settings;

/// <summary>A setting as the bridge uses it.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Text">Its value as text; null: it has none. Of a secret, a word that says that there is one.</param>
/// <param name="Origin">Where it comes from; null: it is the default.</param>
sealed record SettingInForce(Setting Setting, string? Text, string? Origin);
