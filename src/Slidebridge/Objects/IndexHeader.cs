using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>
/// The first bytes of an index. The file is:
/// <code>
/// header, the table of objects (<see cref="ObjectRecord"/>), the tiles (<see cref="TileFormat"/>), the directory of tiles, ids by falling score, names of classes, the summary as JSON
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
struct IndexHeader
{
    public const int Size = 128;

    const ulong FileMagic = 0x3158444e494a424f; // "OBJINDX1"

    /// <summary>Changes with every change of the file, of the tiles or of how objects are drawn: older files are made again.</summary>
    const int FileVersion = 1;

    public ulong Magic;
    public int Version, Objects, Levels, Classes;
    public long Length, Directory, Order, Names, Summary;
    public double Width, Height;
    public int HasScores, Reserved;
    public ulong Reserved1, Reserved2;
    public uint Checksum, Reserved3;

    public static IndexHeader Create() => new() { Magic = FileMagic, Version = FileVersion };

    /// <summary>The header's bytes, with their checksum.</summary>
    public byte[] ToBytes()
    {
        Checksum = 0;
        Checksum = ChecksumOf(this);
        var bytes = new byte[Size];
        MemoryMarshal.Write(bytes, this);
        return bytes;
    }

    static uint ChecksumOf(IndexHeader header)
    {
        header.Checksum = 0;
        return Crc32.HashToUInt32(MemoryMarshal.AsBytes(new ReadOnlySpan<IndexHeader>(in header)));
    }

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="ObjectIndexException">The file is not a complete index of this version.</exception>
    public static IndexHeader Read(ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < Size) throw new ObjectIndexException($"it has only {fileLength} bytes");
        var header = MemoryMarshal.Read<IndexHeader>(bytes);
        if (header.Magic != FileMagic) throw new ObjectIndexException("it is another kind of file");
        if (header.Version != FileVersion) throw new ObjectIndexException($"it has version {header.Version}, expected {FileVersion}");
        if (header.Checksum != ChecksumOf(header)) throw new ObjectIndexException("its header is damaged");
        if (header.Length != fileLength) throw new ObjectIndexException($"it has {fileLength} bytes, expected {header.Length}");
        long[] sections = [Size, Size + (long)header.Objects * ObjectRecord.Size, header.Directory, header.Order, header.Names, header.Summary, header.Length];
        if (header.Objects < 0 || sections.Zip(sections.Skip(1)).Any(pair => pair.First > pair.Second)) throw new ObjectIndexException("its sections overlap");
        return header;
    }
}

/// <summary>A file is not an index that can be used. The caller makes a new one.</summary>
sealed class ObjectIndexException(string why) : SlidebridgeException($"The index of objects cannot be used: {why}. It is made again from the result.");
