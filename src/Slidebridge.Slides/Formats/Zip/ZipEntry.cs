namespace Slidebridge.Slides.Formats.Zip;

/// <summary>An entry as the central directory has it. APPNOTE 6.3.10 §4.3.12.</summary>
/// <param name="Number">From 1, in the directory's order; what a message calls it.</param>
/// <param name="Name">With forward slashes. Never in a message: it may be a patient's.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Encrypted">Flag bit 0.</param>
/// <param name="Checksum">CRC-32 of the unpacked bytes.</param>
/// <param name="PackedLength">Bytes in the archive.</param>
/// <param name="Length">Bytes unpacked.</param>
/// <param name="HeaderOffset">Where the entry's local header lies.</param>
sealed record ZipEntry(int Number, string Name, int Method, bool Encrypted, uint Checksum, long PackedLength, long Length, long HeaderOffset)
{
    public const int Stored = 0, Deflated = 8;

    /// <summary>A folder, or what file managers leave behind: no part of a slide.</summary>
    public bool IsIgnored => Name.EndsWith('/') || Name.Split('/').Any(part => part.StartsWith('.') && part is not (".." or ".")) || Name.StartsWith("__MACOSX/", StringComparison.Ordinal);

    /// <summary>True for a name that would leave the folder it is unpacked in ("zip slip").</summary>
    public bool LeadsOut => Name.Length == 0 || Name[0] == '/' || Name.Contains('\\') || Name.Contains(':') || Name.Contains('\0') || Name.Split('/').Any(part => part is ".." or ".");
}
