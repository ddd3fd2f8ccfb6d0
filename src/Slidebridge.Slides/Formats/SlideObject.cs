namespace Slidebridge.Slides.Formats;

/// <summary>One of the objects of a slide: a file, the content of a URL, or an entry of a zip.</summary>
/// <param name="Number">From 1, in the given order. Messages use this number, because the name may be a patient's.</param>
/// <param name="Source">Its bytes; owned by the slide.</param>
/// <param name="Head">The first bytes, at most <see cref="HeadBytes"/>; fewer if the object is smaller.</param>
sealed record SlideObject(int Number, ByteSource Source, ReadOnlyMemory<byte> Head)
{
    // A DICOM file's magic ends at byte 132; a TIFF's at 4, a zip's at 4.
    public const int HeadBytes = 256;

    public static async Task<SlideObject> TakeAsync(int number, ByteSource source, CancellationToken cancellationToken)
    {
        var head = new byte[(int)Math.Min(HeadBytes, source.Length)];
        await source.ReadAsync(0, head, cancellationToken);
        return new SlideObject(number, source, head);
    }

    public bool StartsWith(ReadOnlySpan<byte> magic, int offset = 0) => Head.Length >= offset + magic.Length && Head.Span.Slice(offset, magic.Length).SequenceEqual(magic);
}
