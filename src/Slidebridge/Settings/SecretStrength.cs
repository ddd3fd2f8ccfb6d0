namespace Slidebridge.Settings;

/// <summary>Refuses secrets that are none: too short, copied from an example, or used twice.</summary>
static class SecretStrength
{
    /// <summary>16 characters of 64 are 96 bits; a shorter one may be guessed, or is a word.</summary>
    const int Shortest = 16;

    /// <summary>A repeated or counted text has few different characters.</summary>
    const int FewestDifferent = 6;

    /// <summary>What our own files and others' show in the place of a secret.</summary>
    static readonly string[] Placeholders =
        ["something-", "change-me", "changeme", "change-this", "replace-me", "replace-with", "placeholder", "your-", "my-secret", "mysecret", "example", "password", "webhook-key", "api-token", "0123456789abcdef", "local-secret"];

    /// <summary>The secret, where it may be used.</summary>
    /// <exception cref="FormatException">It may not; the message does not quote it.</exception>
    public static string Check(string secret)
    {
        if (secret.Length < Shortest) throw new FormatException($"it has {secret.Length} characters; {Shortest} or more are expected. 'openssl rand -hex 24' makes one");
        if (secret.Distinct().Count() < FewestDifferent) throw new FormatException("it has too few different characters to be a secret. 'openssl rand -hex 24' makes one");
        if (Placeholders.Any(p => secret.Contains(p, StringComparison.OrdinalIgnoreCase))) throw new FormatException("it is a placeholder from an example. 'openssl rand -hex 24' makes a secret");
        return secret;
    }

    /// <exception cref="SettingException">One secret opens two doors.</exception>
    public static void CheckDifferent(IReadOnlyList<(Setting Setting, string? Secret)> secrets)
    {
        for (var i = 0; i < secrets.Count; i++)
            for (var k = i + 1; k < secrets.Count; k++)
                if (secrets[i].Secret is { } secret && secret == secrets[k].Secret)
                    throw new SettingException(secrets[i].Setting == secrets[k].Setting ? $"{secrets[i].Setting.Flag}: it is there twice." : $"{secrets[k].Setting.Flag}: it is the same as {secrets[i].Setting.Flag}; each needs a secret of its own.");
    }
}
