using System.Text;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>An entry as the central directory has it. APPNOTE 6.3.10 §4.3.12.</summary>
/// <param name="Number">From 1, in the directory's order, folders included; what every message calls it.</param>
/// <param name="RawName">Never in a message: it may be a patient's. Nothing is unpacked under it, so where it leads does not matter.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Flags">Bit 0: encrypted; bit 3: its sizes were not known when its header was written.</param>
/// <param name="Checksum">CRC-32 of the unpacked bytes.</param>
/// <param name="PackedLength">Bytes in the archive.</param>
/// <param name="Length">Bytes unpacked.</param>
/// <param name="HeaderOffset">Where the entry's local header lies.</param>
/// <param name="IsZip64">Its sizes are written in full.</param>
sealed record ZipEntry(int Number, ReadOnlyMemory<byte> RawName, int Method, int Flags, uint Checksum, long PackedLength, long Length, long HeaderOffset, bool IsZip64)
{
    public const int Stored = 0, Deflated = 8;

    public bool IsEncrypted => (Flags & 0x2041) != 0;

    public bool IsStreamed => (Flags & 8) != 0;

    /// <summary>A folder, or what macOS leaves behind: nothing that anybody put there.</summary>
    public bool IsIgnored { get; } = Ignored(RawName.Span, PackedLength);

    // Every code page's slashes and full stops are ASCII's. Windows tools write backslashes, and folders as empty entries.
    static bool Ignored(ReadOnlySpan<byte> raw, long packed)
    {
        var name = Encoding.Latin1.GetString(raw).Replace('\\', '/');
        if (name.EndsWith('/')) return packed == 0 || raw[^1] == '/';
        var parts = name.Split('/');
        return parts.Contains("__MACOSX") || parts.Any(part => part.StartsWith('.') && part.Trim('.').Length > 0);
    }
}
