namespace Slidebridge.Settings;

/// <summary>A setting has an invalid value.</summary>
/// <param name="message">One sentence that names the setting.</param>
sealed class SettingException(string message) : UsageException(message);
