using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Slidebridge.Lists;

/// <summary>
/// Numbers as bytes: how many (4 bytes), the least (8), the width of a number (1), and then each number's difference from the least, in 0, 1, 2, 4 or 8 bytes. Little-endian.
/// </summary>
static class ColumnBytes
{
    const int Header = 13;

    public static byte[] Encode(ReadOnlySpan<long> values)
    {
        var (least, most) = values.IsEmpty ? (0, 0) : (values[0], values[0]);
        foreach (var value in values) (least, most) = (Math.Min(least, value), Math.Max(most, value));
        var range = (ulong)most - (ulong)least;
        var width = range switch { 0 => 0, <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 };
        var bytes = new byte[Header + values.Length * width];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, values.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), least);
        bytes[12] = (byte)width;
        var numbers = bytes.AsSpan(Header);
        for (var i = 0; i < values.Length; i++)
        {
            var difference = (ulong)values[i] - (ulong)least;
            for (var b = 0; b < width; b++) numbers[i * width + b] = (byte)(difference >> (8 * b));
        }
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not a column.</exception>
    public static long[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Header) throw new InvalidDataException("A column of the task lists is damaged.");
        var (count, least, width) = (BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), bytes[12]);
        var numbers = bytes[Header..];
        if (count < 0 || numbers.Length != (long)count * width) throw new InvalidDataException("A column of the task lists is damaged.");
        var values = GC.AllocateUninitializedArray<long>(count);
        switch (width)
        {
            case 0:
                Array.Fill(values, least);
                break;
            case 1:
                for (var i = 0; i < values.Length; i++) values[i] = least + numbers[i];
                break;
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(numbers);
                for (var i = 0; i < values.Length; i++) values[i] = least + shorts[i];
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(numbers);
                for (var i = 0; i < values.Length; i++) values[i] = least + ints[i];
                break;
            default:
                var longs = MemoryMarshal.Cast<byte, long>(numbers);
                for (var i = 0; i < values.Length; i++) values[i] = unchecked(least + longs[i]);
                break;
        }
        return values;
    }
}
