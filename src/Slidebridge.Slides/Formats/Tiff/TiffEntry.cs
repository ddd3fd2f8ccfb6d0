namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>One field of a directory. Its values are read on demand: an index of 100 000 tiles is not loaded as a whole.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Type">The field type, TIFF 6.0 §2.</param>
/// <param name="Count">The number of values.</param>
/// <param name="Inline">The entry's own value bytes (4, or 8 in BigTIFF).</param>
/// <param name="Offset">The offset of the values; -1 if they are inline.</param>
sealed record TiffEntry(int Tag, int Type, long Count, ReadOnlyMemory<byte> Inline, long Offset)
{
    const int Byte = 1, Ascii = 2, Short = 3, Long = 4, Rational = 5, Undefined = 7, SignedShort = 8, SignedLong = 9, SignedRational = 10, Single = 11, Double = 12;

    // The types of Adobe and BigTIFF.
    const int Ifd = 13, Long8 = 16, Ifd8 = 18;

    /// <summary>Bytes of one value; 0 for an unknown type.</summary>
    public int ValueBytes => BytesOf(Type);

    /// <summary>The bytes of the values; an empty range if they are inline.</summary>
    public ByteRange Place => Offset < 0 ? default : new ByteRange(Offset, (long)Int128.Min((Int128)Count * ValueBytes, long.MaxValue));

    public bool IsText => Type is Ascii or Byte or Undefined;

    public bool IsInteger => Type is Byte or Short or Long or Ifd or Long8 or Ifd8;

    public static int BytesOf(int type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };

    /// <summary>Converts the bytes of one value to a number; null if its type is not numeric, or if it divides by zero.</summary>
    public double? Number(TiffReader reader, ReadOnlySpan<byte> bytes) => Type switch
    {
        Rational => reader.UInt32(bytes[4..]) is > 0 and var divisor ? (double)reader.UInt32(bytes) / divisor : null,
        SignedRational => (int)reader.UInt32(bytes[4..]) is not 0 and var divisor ? (double)(int)reader.UInt32(bytes) / divisor : null,
        SignedShort => (short)reader.UInt16(bytes),
        SignedLong => (int)reader.UInt32(bytes),
        Single => BitConverter.UInt32BitsToSingle(reader.UInt32(bytes)),
        Double => BitConverter.UInt64BitsToDouble(reader.UInt64(bytes)),
        _ => IsInteger ? Integer(reader, bytes) : null,
    };

    /// <summary>Converts the bytes of one integer value.</summary>
    public long Integer(TiffReader reader, ReadOnlySpan<byte> bytes) => Type switch
    {
        Byte => bytes[0],
        Short => reader.UInt16(bytes),
        Long or Ifd => reader.UInt32(bytes),
        Long8 or Ifd8 => (long)Math.Min(reader.UInt64(bytes), long.MaxValue),
        _ => throw new SlideFormatException($"{TiffTag.Name(Tag)} has field type {Type}; expected an unsigned integer.", tag: Tag),
    };
}
