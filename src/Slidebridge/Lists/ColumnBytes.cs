using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Slidebridge.Lists;

/// <summary>
/// Numbers as bytes: how many (4 bytes), the least (8), the width of a number (1), and then each number's difference from the least, in 0 to 8 bytes; 7 bytes of padding. Little-endian.
/// </summary>
static class ColumnBytes
{
    const int Header = 13, Padding = sizeof(ulong) - 1;

    public static byte[] Encode(ReadOnlySpan<long> values)
    {
        var (least, most) = Range(values);
        var range = (ulong)most - (ulong)least;
        var width = (64 - (int)ulong.LeadingZeroCount(range) + 7) / 8;
        var bytes = new byte[Header + values.Length * width + Padding];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, values.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), least);
        bytes[12] = (byte)width;
        if (width == 0) return bytes;
        for (int i = 0, at = Header; i < values.Length; i++, at += width)
        {
            // The bytes after the number's own are 0, and are overwritten by the next number.
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), (ulong)values[i] - (ulong)least);
        }
        return bytes;
    }

    /// <summary>The least and the largest number; 0 for none.</summary>
    public static (long Least, long Most) Range(ReadOnlySpan<long> values)
    {
        var (least, most) = values.IsEmpty ? (0, 0) : (values[0], values[0]);
        foreach (var value in values) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return (least, most);
    }

    /// <summary>How many numbers there are.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a column.</exception>
    public static int Count(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Header + Padding && BinaryPrimitives.ReadInt32LittleEndian(bytes) is >= 0 and var count && bytes[12] <= sizeof(ulong) && bytes.Length == Header + (long)count * bytes[12] + Padding
            ? count : throw new InvalidDataException("A column of the task lists is damaged.");

    /// <exception cref="InvalidDataException">The bytes are not a column.</exception>
    public static long[] Decode(ReadOnlySpan<byte> bytes)
    {
        var values = new long[Count(bytes)];
        Decode(bytes, values);
        return values;
    }

    /// <param name="bytes">A column.</param>
    /// <param name="values">As many places as <see cref="Count"/> says.</param>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<long> values)
    {
        var (least, width) = (BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), bytes[12]);
        if (width == 0)
        {
            values.Fill(least);
            return;
        }
        var numbers = bytes[Header..];
        var mask = ulong.MaxValue >> (64 - 8 * width);
        for (int i = 0, at = 0; i < values.Length; i++, at += width)
            values[i] = unchecked(least + (long)(MemoryMarshal.Read<ulong>(numbers[at..]) & mask)); // Little-endian machines only: .NET has no others.
    }
}
