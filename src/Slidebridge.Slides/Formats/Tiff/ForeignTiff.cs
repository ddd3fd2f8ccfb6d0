namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// TIFFs with a vendor-specific layout (overlapping tiles, padding, offsets beyond 4 GiB in 32 bits): recognised from the first directory and read through OpenSlide.
/// </summary>
/// <remarks>The marks are from OpenSlide's format pages, openslide.org/formats.</remarks>
static class ForeignTiff
{
    // The marks are near the start; an XML description may have megabytes.
    const int Looked = 64 * 1024;

    const string Ndpi = "Hamamatsu NDPI", Philips = "Philips TIFF";

    /// <summary>The vendor and format, or null.</summary>
    public static async Task<string?> RecogniseAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        if (await IsLargeNdpiAsync(reader, cancellationToken)) return Ndpi;
        if (reader.FirstDirectory == 0) return null;
        var (first, _) = await TiffDirectories.ReadAsync(reader, reader.FirstDirectory, cancellationToken);
        if (first.Has(TiffTag.NdpiFormat)) return Ndpi;
        var software = await first.TextAsync(TiffTag.Software, cancellationToken, Looked) ?? "";
        // Philips' description contains the label itself.
        if (software.StartsWith("Philips", StringComparison.Ordinal)) return Philips;
        var description = await first.TextAsync(TiffTag.ImageDescription, cancellationToken, Looked) ?? "";
        if (description.Contains("ObjectType=\"DPUfsImport\"", StringComparison.Ordinal)) return Philips;
        if (software.StartsWith("MedScan", StringComparison.Ordinal)) return "Trestle TIFF";
        if (description.Contains("http://www.leica-microsystems.com/scn", StringComparison.Ordinal)) return "Leica SCN";
        if (description.StartsWith("Aperio", StringComparison.Ordinal)) return null;
        return await first.TextAsync(TiffTag.Xmp, cancellationToken, Looked) is { } xmp && xmp.Contains("<iScan", StringComparison.Ordinal) ? "Ventana BIF" : null;
    }

    // Beyond 4 GiB, Hamamatsu writes a classic TIFF whose first offset has 8 bytes, against the standard.
    static async Task<bool> IsLargeNdpiAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        const int FirstOffset = 4;
        if (reader.Big || reader.Source.Length <= uint.MaxValue) return false;
        var offset = (long)Math.Min(reader.UInt64(await reader.ReadAsync(FirstOffset, 8, cancellationToken)), long.MaxValue);
        if (offset <= uint.MaxValue) return false;
        try
        {
            return (await TiffDirectories.ReadAsync(reader, offset, cancellationToken)).Directory.Has(TiffTag.NdpiFormat);
        }
        catch (SlideFormatException)
        {
            // In an ordinary TIFF, these 4 bytes can be anything.
            return false;
        }
    }
}
