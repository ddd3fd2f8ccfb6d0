namespace Slidebridge.Settings;

/// <summary>Refuses weak secrets: too short, copied from an example, or used twice.</summary>
static class SecretStrength
{
    /// <summary>16 characters of 64 are 96 bits; a shorter secret may be guessed, or may be a word.</summary>
    const int Shortest = 16;

    /// <summary>A text of repeated or counted characters has few different ones.</summary>
    const int FewestDifferent = 6;

    /// <summary>Texts that Slidebridge's and others' example files show in place of a secret.</summary>
    static readonly string[] Placeholders =
        ["something-", "change-me", "changeme", "change-this", "replace-me", "replace-with", "placeholder", "your-", "my-secret", "mysecret", "example", "password", "webhook-key", "api-token", "0123456789abcdef", "local-secret"];

    /// <summary>Returns the secret if it is strong enough.</summary>
    /// <exception cref="FormatException">The secret is too weak; the message does not quote it.</exception>
    public static string Check(string secret)
    {
        if (secret.Length < Shortest) throw new FormatException($"the secret has {secret.Length} characters, but needs {Shortest} or more. 'openssl rand -hex 24' makes one");
        if (secret.Distinct().Count() < FewestDifferent) throw new FormatException("the secret has too few different characters. 'openssl rand -hex 24' makes one");
        if (Placeholders.Any(p => secret.Contains(p, StringComparison.OrdinalIgnoreCase))) throw new FormatException("the secret is a placeholder from an example. 'openssl rand -hex 24' makes one");
        return secret;
    }

    /// <exception cref="SettingException">Two settings have the same secret.</exception>
    public static void CheckDifferent(IReadOnlyList<(Setting Setting, string? Secret)> secrets)
    {
        for (var i = 0; i < secrets.Count; i++)
            for (var k = i + 1; k < secrets.Count; k++)
                if (secrets[i].Secret is { } secret && secret == secrets[k].Secret)
                    throw new SettingException(secrets[i].Setting == secrets[k].Setting ? $"{secrets[i].Setting.Flag}: the same value is given twice." : $"{secrets[k].Setting.Flag}: the value is the same as that of {secrets[i].Setting.Flag}; use a different secret for each.");
    }
}
