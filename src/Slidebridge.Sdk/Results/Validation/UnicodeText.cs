using System.Globalization;
using System.Text.Unicode;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>JSON may contain text that is not Unicode: bytes that are not UTF-8, or an escape that is half of a surrogate pair.</summary>
static class UnicodeText
{
    /// <summary>Whether all names and strings of well-formed JSON are Unicode; checked on its bytes, without a copy.</summary>
    public static bool Is(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return false;
        // A backslash occurs only in a string: RFC 8259 §7.
        for (var next = json.IndexOf((byte)'\\'); next >= 0; next = json.IndexOf((byte)'\\'))
        {
            json = json[next..];
            var unit = Unit(json);
            var isPair = char.IsHighSurrogate(unit) && char.IsLowSurrogate(Unit(json[6..]));
            if (char.IsSurrogate(unit) && !isPair) return false;
            json = json[(isPair ? 12 : json[1] == 'u' ? 6 : 2)..];
        }
        return true;
    }

    /// <summary>The UTF-16 unit of an escape such as <c>\ud83d</c>; 0 if there is none.</summary>
    static char Unit(ReadOnlySpan<byte> json) =>
        json is [(byte)'\\', (byte)'u', ..] && ushort.TryParse(json.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\0';
}
