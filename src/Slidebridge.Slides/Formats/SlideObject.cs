namespace Slidebridge.Slides.Formats;

/// <summary>One of the objects of a slide: a file, the content of a URL, or an entry of a zip.</summary>
/// <param name="Number">From 1, in the given order. Messages use this number, because the name may be a patient's.</param>
/// <param name="Source">Its bytes; owned by the slide.</param>
/// <param name="Head">The first bytes, at most <see cref="HeadBytes"/>; fewer if the object is smaller.</param>
sealed record SlideObject(int Number, ByteSource Source, ReadOnlyMemory<byte> Head)
{
    // A DICOM file's magic ends at byte 132; a TIFF's at 4, a zip's at 4.
    public const int HeadBytes = 256;

    // The header of a classic TIFF, and the magic of most formats.
    public const int ExactBytes = 8;

    const int BigTiffBytes = 16;

    // Up to what a DICOM object shows (ImageType). Its pixels begin further behind.
    public const int DicomBytes = 512;

    /// <summary>Reads an object's first bytes.</summary>
    /// <param name="number">Its number in messages.</param>
    /// <param name="source">Its bytes.</param>
    /// <param name="isExact">True to read no further than necessary to see its format: what follows may be a label.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<SlideObject> TakeAsync(int number, ByteSource source, bool isExact, CancellationToken cancellationToken)
    {
        if (isExact)
        {
            var start = new byte[(int)Math.Min(ExactBytes, source.Length)];
            await source.ReadAsync(0, start, cancellationToken);
            var slide = new SlideObject(number, source, start);
            if (ObjectKind.IsBigTiff(slide) && source.Length >= BigTiffBytes)
            {
                var header = new byte[BigTiffBytes];
                await source.ReadAsync(0, header, cancellationToken);
                return slide with { Head = header };
            }
            if (ObjectKind.IsByMagic(slide)) return slide;
            // The preamble of a DICOM object. This may fetch a few bytes more than the next read, which saves a request.
            if (start.All(value => value == 0)) await source.ReadAsync(0, new byte[(int)Math.Min(DicomBytes, source.Length)], cancellationToken);
        }
        var head = new byte[(int)Math.Min(HeadBytes, source.Length)];
        await source.ReadAsync(0, head, cancellationToken);
        return new SlideObject(number, source, head);
    }

    /// <summary>The object with its whole head, if it is a DICOM object whose preamble makes it a TIFF too; otherwise unchanged. Reads the magic behind the preamble, nothing else.</summary>
    public async Task<SlideObject> AsDicomAsync(CancellationToken cancellationToken)
    {
        if (Head.Length >= HeadBytes || Source.Length < HeadBytes) return this;
        var magic = new byte[4];
        await Source.ReadAsync(128, magic, cancellationToken);
        if (!"DICM"u8.SequenceEqual(magic)) return this;
        var head = new byte[HeadBytes];
        await Source.ReadAsync(0, head, cancellationToken);
        return this with { Head = head };
    }

    public bool StartsWith(ReadOnlySpan<byte> magic, int offset = 0) => Head.Length >= offset + magic.Length && Head.Span.Slice(offset, magic.Length).SequenceEqual(magic);
}
