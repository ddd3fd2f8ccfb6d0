using System.Globalization;
using System.Text;

namespace Slidebridge.Techcyte;

/// <summary>
/// The platform writes an id as base64 of <c>type:number</c> (<c>dGFzazoxODU3MTQ=</c> is <c>task:185714</c>) or as a plain integer.
/// Both name the same object, so the bridge keeps the number.
/// </summary>
static class PlatformId
{
    /// <summary>An id of 10 digits is 24 characters of base64; much longer text is not an id.</summary>
    const int LongestText = 64;

    /// <summary>The number in <paramref name="text"/>; false if it has neither form or is of another type.</summary>
    /// <param name="text">What the platform sent.</param>
    /// <param name="type">Such as <c>task</c>; null: any type.</param>
    /// <param name="number">A positive number, or 0.</param>
    public static bool TryParse(string? text, string? type, out long number)
    {
        number = 0;
        if (string.IsNullOrEmpty(text) || text.Length > LongestText) return false;
        if (TryNumber(text, out number) || TryTyped(text, type, out number)) return true;

        Span<byte> bytes = stackalloc byte[LongestText];
        // Ids from a URL can be URL-safe base64 without padding.
        var standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        standard = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        return Convert.TryFromBase64String(standard, bytes, out var length)
            && TryTyped(Encoding.ASCII.GetString(bytes[..length]), type, out number);
    }

    /// <summary>The base64 form, as the platform writes it.</summary>
    public static string Format(string type, long number) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type}:{number}")));

    /// <summary>
    /// An id in the platform's own spelling: digits stay digits, everything else becomes base64 with padding. The bridge accepts other spellings (<c>task:185714</c>, URL-safe base64),
    /// but never sends them to the platform.
    /// </summary>
    public static string Canonical(string text, string type, long number) => text.All(char.IsAsciiDigit) ? number.ToString(CultureInfo.InvariantCulture) : Format(type, number);

    static bool TryTyped(string text, string? type, out long number)
    {
        number = 0;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !text.Take(colon).All(char.IsAsciiLetter)) return false;
        return (type is null || text.AsSpan(0, colon).SequenceEqual(type)) && TryNumber(text[(colon + 1)..], out number);
    }

    static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}
