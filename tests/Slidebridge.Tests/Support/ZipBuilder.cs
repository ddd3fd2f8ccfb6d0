using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Slidebridge.Tests.Support;

/// <summary>Composes zips byte by byte, true ones and such as no tool would write.</summary>
sealed class ZipBuilder
{
    readonly List<ZipBuilderEntry> entries = [];

    /// <summary>ZIP64 sizes, offsets and end record, whatever the size.</summary>
    public bool Zip64 { get; init; }

    public string Comment { get; init; } = "";

    /// <summary>Stands before the archive; offsets do not count it.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>As tools write that do not know an entry's size beforehand: it stands behind the entry.</summary>
    public bool IsStreamed { get; init; }

    public ZipBuilderEntry Add(string name, byte[] bytes, bool deflated = false)
    {
        var packed = deflated ? Deflate(bytes) : bytes;
        var entry = new ZipBuilderEntry { Name = name, Method = deflated ? 8 : 0, Packed = packed, Length = bytes.Length, PackedLength = packed.Length, Checksum = Crc32.HashToUInt32(bytes) };
        entries.Add(entry);
        return entry;
    }

    public byte[] Build()
    {
        var zip = new MemoryStream();
        zip.Write(Prefix);
        var writer = new BinaryWriter(zip);
        foreach (var entry in entries)
        {
            var at = zip.Position - Prefix.Length;
            Local(writer, entry);
            entry.Offset ??= at;
        }
        var directory = zip.Position - Prefix.Length;
        foreach (var entry in entries) Central(writer, entry);
        var length = zip.Position - Prefix.Length - directory;
        if (Zip64) End64(writer, directory, length);
        writer.Write(0x06054B50u);
        writer.Write(0u);
        writer.Write((ushort)(Zip64 ? 0xFFFF : entries.Count));
        writer.Write((ushort)(Zip64 ? 0xFFFF : entries.Count));
        writer.Write(Zip64 ? uint.MaxValue : (uint)length);
        writer.Write(Zip64 ? uint.MaxValue : (uint)directory);
        writer.Write((ushort)Comment.Length);
        writer.Write(Encoding.ASCII.GetBytes(Comment));
        return zip.ToArray();
    }

    void Local(BinaryWriter writer, ZipBuilderEntry entry)
    {
        var name = Encoding.UTF8.GetBytes(entry.Name);
        writer.Write(0x04034B50u);
        writer.Write((ushort)45);
        Common(writer, entry, IsStreamed ? 0 : entry.PackedLength, IsStreamed ? 0 : entry.Length, isLocal: true);
        writer.Write((ushort)name.Length);
        // An extra field that the directory does not have: readers must go by this header's own lengths.
        writer.Write((ushort)9);
        writer.Write(name);
        writer.Write([0x55, 0x54, 5, 0, 1, 0, 0, 0, 0]);
        writer.Write(entry.Packed);
        if (!IsStreamed) return;
        writer.Write(0x08074B50u);
        writer.Write(entry.Checksum);
        writer.Write((uint)entry.PackedLength);
        writer.Write((uint)entry.Length);
    }

    void Central(BinaryWriter writer, ZipBuilderEntry entry)
    {
        var name = Encoding.UTF8.GetBytes(entry.Name);
        writer.Write(0x02014B50u);
        writer.Write((ushort)45);
        writer.Write((ushort)45);
        Common(writer, entry, Zip64 ? uint.MaxValue : entry.PackedLength, Zip64 ? uint.MaxValue : entry.Length);
        writer.Write((ushort)name.Length);
        writer.Write((ushort)(Zip64 ? 28 : 0));
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write(0u);
        writer.Write(Zip64 ? uint.MaxValue : (uint)entry.Offset!.Value);
        writer.Write(name);
        if (!Zip64) return;
        writer.Write((ushort)1);
        writer.Write((ushort)24);
        writer.Write(entry.Length);
        writer.Write(entry.PackedLength);
        writer.Write(entry.Offset!.Value);
    }

    void Common(BinaryWriter writer, ZipBuilderEntry entry, long packedLength, long length, bool isLocal = false)
    {
        writer.Write((ushort)((entry.Encrypted ? 0x801 : 0x800) | (IsStreamed ? 8 : 0)));
        writer.Write((ushort)entry.Method);
        writer.Write(0u);
        writer.Write(IsStreamed && isLocal ? 0 : entry.Checksum);
        writer.Write((uint)packedLength);
        writer.Write((uint)length);
    }

    void End64(BinaryWriter writer, long directory, long length)
    {
        var at = writer.BaseStream.Position;
        writer.Write(0x06064B50u);
        writer.Write(44L);
        writer.Write((ushort)45);
        writer.Write((ushort)45);
        writer.Write(0u);
        writer.Write(0u);
        writer.Write((long)entries.Count);
        writer.Write((long)entries.Count);
        writer.Write(length);
        writer.Write(directory);
        writer.Write(0x07064B50u);
        writer.Write(0u);
        writer.Write(at - Prefix.Length);
        writer.Write(1u);
    }

    static byte[] Deflate(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal)) deflate.Write(bytes);
        return packed.ToArray();
    }
}

/// <summary>An entry, whose words a test may falsify.</summary>
sealed class ZipBuilderEntry
{
    public required string Name { get; set; }
    public required int Method { get; set; }
    public required byte[] Packed { get; set; }
    public required long Length { get; set; }
    public required long PackedLength { get; set; }
    public required uint Checksum { get; set; }
    public bool Encrypted { get; set; }

    /// <summary>Where the directory says it is; null for where it is.</summary>
    public long? Offset { get; set; }
}
