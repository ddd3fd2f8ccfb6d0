namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// TIFFs whose pictures lie in ways of their maker's own (overlapping tiles, padding, offsets beyond 4 GiB in 32 bits): told from the first directory and left to OpenSlide.
/// </summary>
/// <remarks>The marks are those of OpenSlide's format pages, openslide.org/formats.</remarks>
static class ForeignTiff
{
    // Marks stand at the front; an XML description may be megabytes.
    const int Looked = 64 * 1024;

    /// <summary>The maker and format, or null.</summary>
    public static async Task<string?> RecogniseAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        if (reader.FirstDirectory == 0) return null;
        var (first, _) = await TiffDirectories.ReadAsync(reader, reader.FirstDirectory, cancellationToken);
        if (first.Has(TiffTag.NdpiFormat)) return "Hamamatsu NDPI";
        var software = await first.TextAsync(TiffTag.Software, cancellationToken, Looked) ?? "";
        var description = await first.TextAsync(TiffTag.ImageDescription, cancellationToken, Looked) ?? "";
        if (software.StartsWith("Philips", StringComparison.Ordinal) || description.Contains("ObjectType=\"DPUfsImport\"", StringComparison.Ordinal)) return "Philips TIFF";
        if (software.StartsWith("MedScan", StringComparison.Ordinal)) return "Trestle TIFF";
        if (description.Contains("http://www.leica-microsystems.com/scn", StringComparison.Ordinal)) return "Leica SCN";
        if (description.StartsWith("Aperio", StringComparison.Ordinal)) return null;
        return await first.TextAsync(TiffTag.Xmp, cancellationToken, Looked) is { } xmp && xmp.Contains("<iScan", StringComparison.Ordinal) ? "Ventana BIF" : null;
    }
}
