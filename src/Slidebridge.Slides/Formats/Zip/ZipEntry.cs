using System.Text;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>An entry of the central directory. APPNOTE 6.3.10 §4.3.12.</summary>
/// <param name="Number">From 1, in the directory's order, including folders; every message uses this number.</param>
/// <param name="RawName">Never use it in a message: it may be a patient's name. No file is created with this name, so path traversal is impossible.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Flags">Bit 0: encrypted; bit 3: its sizes were not known when its header was written.</param>
/// <param name="Checksum">CRC-32 of the unpacked bytes.</param>
/// <param name="PackedLength">Bytes in the archive.</param>
/// <param name="Length">Bytes unpacked.</param>
/// <param name="HeaderOffset">The offset of the entry's local header.</param>
/// <param name="IsZip64">True if its sizes are stored in 64 bits.</param>
sealed record ZipEntry(int Number, ReadOnlyMemory<byte> RawName, int Method, int Flags, uint Checksum, long PackedLength, long Length, long HeaderOffset, bool IsZip64)
{
    public const int Stored = 0, Deflated = 8;

    public bool IsEncrypted => (Flags & 0x2041) != 0;

    public bool IsStreamed => (Flags & 8) != 0;

    /// <summary>True for a folder, or a file that macOS adds by itself.</summary>
    public bool IsIgnored { get; } = Ignored(RawName.Span, PackedLength);

    // Slashes and full stops are ASCII in every code page. Windows tools write backslashes, and folders as empty entries.
    static bool Ignored(ReadOnlySpan<byte> raw, long packed)
    {
        var name = Encoding.Latin1.GetString(raw).Replace('\\', '/');
        if (name.EndsWith('/')) return packed == 0 || raw[^1] == '/';
        var parts = name.Split('/');
        return parts.Contains("__MACOSX") || parts.Any(part => part.StartsWith('.') && part.Trim('.').Length > 0);
    }
}
