using System.Globalization;
using System.Text;

namespace Slidebridge.Simulator.Platform;

/// <summary>The platform's ids: base64 of <c>type:number</c>, or the number.</summary>
static class PlatformIds
{
    public static string Format(string type, long number) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type}:{number}")));

    public static long? Parse(string type, string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        Span<byte> bytes = stackalloc byte[64];
        if (text.Length > bytes.Length || !Convert.TryFromBase64String(text, bytes, out var length)) return null;
        var decoded = Encoding.ASCII.GetString(bytes[..length]);
        return decoded.StartsWith(type + ":", StringComparison.Ordinal)
            && long.TryParse(decoded[(type.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number) ? number : null;
    }
}
