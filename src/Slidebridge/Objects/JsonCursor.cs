using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Slidebridge.Objects;

/// <summary>
/// Walks through JSON that was validated before. Several times as fast as <see cref="Utf8JsonReader"/> on coordinates, and able to jump to any offset.
/// It checks every bound, but not the grammar: text that is not JSON gives wrong values or a <see cref="JsonException"/>.
/// </summary>
ref struct JsonCursor(ReadOnlySpan<byte> json, int at)
{
    static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{}"u8), NumberBytes = SearchValues.Create("+-.0123456789eE"u8);
    static readonly double[] PowersOfTen = [.. Enumerable.Range(0, 16).Select(i => Math.Pow(10, i))];

    readonly ReadOnlySpan<byte> json = json;

    /// <summary>The offset of the next byte.</summary>
    public int At { get; set; } = at;

    /// <summary>The next byte that is not white space.</summary>
    public byte Peek()
    {
        var text = json;
        for (var i = At; i < text.Length; i++)
        {
            if (text[i] > ' ')
            {
                At = i;
                return text[i];
            }
        }
        throw new JsonException("The JSON ends too early.");
    }

    /// <summary>Enters an object or an array; false, and the value is skipped, if the value is something else.</summary>
    public bool TryEnter(char open)
    {
        if (Peek() == open)
        {
            At++;
            return true;
        }
        Skip();
        return false;
    }

    /// <summary>The next member of the object, or false behind its last one. Then the cursor is at the member's value.</summary>
    public bool NextMember(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!HasNext((byte)'}')) return false;
        name = Unescaped(String());
        if (Peek() != ':') throw new JsonException("A member has no value.");
        At++;
        return true;
    }

    /// <summary>Whether the array has a next element. If so, the cursor is at the element, else behind the array.</summary>
    public bool NextElement() => HasNext((byte)']');

    bool HasNext(byte close)
    {
        var next = Peek();
        if (next == ',')
        {
            At++;
            next = Peek();
        }
        if (next != close) return true;
        At++;
        return false;
    }

    /// <summary>The text of a string, without its quotes, as it is written. Null, and the value is skipped, if the value is something else.</summary>
    public ReadOnlySpan<byte> StringOrNothing()
    {
        if (Peek() == '"') return String();
        Skip();
        return default;
    }

    ReadOnlySpan<byte> String()
    {
        if (Peek() != '"') throw new JsonException("Expected a string.");
        var start = At + 1;
        for (var end = start; ;)
        {
            var next = json[end..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0) throw new JsonException("A string has no end.");
            end += next;
            if (json[end] == '"')
            {
                At = end + 1;
                return json[start..end];
            }
            end = Math.Min(json.Length, end + 2);
        }
    }

    /// <summary>The UTF-8 text of a string as it is written.</summary>
    public static ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> written)
    {
        if (!written.Contains((byte)'\\')) return written;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{Encoding.UTF8.GetString(written)}\""));
        reader.Read();
        var text = new byte[written.Length];
        return text.AsSpan(0, reader.CopyString(text));
    }

    /// <summary>A number; null, and the value is skipped, if the value is something else.</summary>
    public double? NumberOrNothing()
    {
        if (Peek() is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            Skip();
            return null;
        }
        return Number();
    }

    /// <summary>Reads <c>[x,y]</c> with an optional comma before it. False, and the cursor stays, if the text is anything else, such as a position with white space.</summary>
    public bool TryPosition(out double x, out double y)
    {
        y = 0;
        var text = json;
        var i = At;
        if ((uint)i < (uint)text.Length && text[i] == ',') i++;
        if ((uint)i >= (uint)text.Length || text[i] != '[')
        {
            x = 0;
            return false;
        }
        i++;
        if (!TryNumber(text, ref i, ',', out x) || !TryNumber(text, ref i, ']', out y)) return false;
        At = i;
        return true;
    }

    /// <summary>Reads a short decimal number and the byte behind it.</summary>
    static bool TryNumber(ReadOnlySpan<byte> text, ref int at, char behind, out double value)
    {
        value = 0;
        var i = at;
        if ((uint)i >= (uint)text.Length) return false;
        var negative = text[i] == '-';
        if (negative) i++;
        long digits = 0;
        int first = i, point = -1;
        for (; (uint)i < (uint)text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9) digits = digits * 10 + digit;
            else if (digit == unchecked((uint)('.' - '0')) && point < 0) point = i;
            else break;
        }
        if (i == first || i - first > 15 || (uint)i >= (uint)text.Length || text[i] != behind) return false;
        // Exact: both are whole numbers below 2^53 (Clinger's fast path).
        value = point < 0 ? digits : digits / PowersOfTen[i - point - 1];
        if (negative) value = -value;
        at = i + 1;
        return true;
    }

    /// <summary>A number. One that is too large for a double is infinite.</summary>
    public double Number()
    {
        Peek();
        var text = json[At..];
        var i = 0;
        var negative = text[0] == '-';
        if (negative) i++;
        long digits = 0;
        int first = i, point = -1;
        for (; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9) digits = digits * 10 + digit;
            else if (text[i] == '.' && point < 0) point = i;
            else break;
            if (i > 16) return LongNumber(text);
        }
        if (i == first || (i < text.Length && text[i] is (byte)'e' or (byte)'E')) return LongNumber(text);
        At += i;
        // Exact: both are whole numbers below 2^53 (Clinger's fast path).
        var value = point < 0 ? digits : digits / PowersOfTen[i - point - 1];
        return negative ? -value : value;
    }

    double LongNumber(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExcept(NumberBytes);
        if (!Utf8Parser.TryParse(length < 0 ? text : text[..length], out double value, out var read)) throw new JsonException("Expected a number.");
        At += read;
        return value;
    }

    /// <summary>Skips a value.</summary>
    public void Skip()
    {
        for (var depth = 0; ;)
        {
            switch (Peek())
            {
                case (byte)'"': String(); break;
                case (byte)'[' or (byte)'{':
                    depth++;
                    At++;
                    break;
                case (byte)']' or (byte)'}':
                    depth--;
                    At++;
                    break;
                default:
                    var end = json[At..].IndexOfAny(",]}"u8);
                    if (end < 0) throw new JsonException("The JSON ends too early.");
                    At += end;
                    break;
            }
            if (depth <= 0) return;
            // Inside, only what opens, closes or quotes matters.
            var next = json[At..].IndexOfAny(Structure);
            if (next < 0) throw new JsonException("The JSON ends too early.");
            At += next;
        }
    }
}
