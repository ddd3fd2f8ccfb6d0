using System.Buffers.Binary;

namespace Slidebridge.Fuzz.Mutations;

/// <summary>A number or text of a seed's structure: what a parser goes by.</summary>
/// <param name="Offset">In the object.</param>
/// <param name="Size">Bytes: 1, 2, 4 or 8 of a number, any of a text.</param>
/// <param name="BigEndian">The number's byte order.</param>
readonly record struct Field(int Offset, int Size, bool BigEndian = false)
{
    /// <summary>Values that mean something here, such as TIFF's compression codes.</summary>
    public IReadOnlyList<long>? Choices { get; init; }

    /// <summary>Texts that mean something here, such as DICOM's transfer syntaxes.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>True for decimal digits.</summary>
    public bool IsDigits { get; init; }

    public long Read(ReadOnlySpan<byte> bytes)
    {
        var at = bytes[Offset..];
        return (Size, BigEndian) switch
        {
            (1, _) => at[0],
            (2, true) => BinaryPrimitives.ReadUInt16BigEndian(at),
            (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(at),
            (4, true) => BinaryPrimitives.ReadUInt32BigEndian(at),
            (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(at),
            (8, true) => BinaryPrimitives.ReadInt64BigEndian(at),
            (8, false) => BinaryPrimitives.ReadInt64LittleEndian(at),
            _ => 0,
        };
    }

    public void Write(Span<byte> bytes, long value)
    {
        Span<byte> whole = stackalloc byte[8];
        if (BigEndian) BinaryPrimitives.WriteInt64BigEndian(whole, value);
        else BinaryPrimitives.WriteInt64LittleEndian(whole, value);
        (BigEndian ? whole[^Size..] : whole[..Size]).CopyTo(bytes[Offset..]);
    }
}
