namespace Slidebridge.Events;

/// <summary>A secret that signs events: <c>whsec_</c> and the base64 of 24 to 64 random bytes (Standard Webhooks 1.0.0, signature scheme).</summary>
static class EventSecret
{
    const string Prefix = "whsec_";

    const int Shortest = 24, Longest = 64;

    /// <summary>Random bytes have few repetitions.</summary>
    const int FewestDifferent = 12;

    /// <summary>Returns the secret if it is strong enough.</summary>
    /// <exception cref="FormatException">The secret is not of this form or too weak; the message does not quote it.</exception>
    public static string Check(string text)
    {
        const string Make = "'echo whsec_$(openssl rand -base64 32)' makes one";
        var bytes = new byte[text.Length];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length)) throw new FormatException($"the secret must be {Prefix} and base64. {Make}");
        if (length is < Shortest or > Longest) throw new FormatException($"the secret has {length} bytes after base64, but needs {Shortest} to {Longest}. {Make}");
        if (bytes.AsSpan(0, length).ToArray().Distinct().Count() < FewestDifferent) throw new FormatException($"the secret has too few different bytes. {Make}");
        return text;
    }
}
