namespace Slidebridge.Slides;

/// <summary>The bytes are not a slide that can be read: unknown, damaged, or stored in a way that needs another codec.</summary>
public class SlideFormatException : SlidebridgeException
{
    /// <summary>Says what was found, what was expected and what to do. Never a file name or a URL.</summary>
    /// <param name="message">The full sentence.</param>
    /// <param name="offset">The byte offset in the slide, where known.</param>
    /// <param name="tag">The TIFF tag, or the DICOM element as group &lt;&lt; 16 | element, where known.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public SlideFormatException(string message, long? offset = null, int? tag = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Offset = offset;
        Tag = tag;
    }

    /// <inheritdoc/>
    public override string PlainMessage => "The slide is damaged, or of a kind that the analysis cannot read.";

    /// <summary>The byte offset in the slide at which the fault was found, where known.</summary>
    public long? Offset { get; }

    /// <summary>The TIFF tag that is at fault, or the DICOM element as group &lt;&lt; 16 | element; null where not known.</summary>
    public int? Tag { get; }
}
