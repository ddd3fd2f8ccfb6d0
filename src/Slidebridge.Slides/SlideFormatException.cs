namespace Slidebridge.Slides;

/// <summary>The bytes are not a readable slide: of an unknown format, damaged, or stored in a way that needs another codec.</summary>
public class SlideFormatException : SlidebridgeException
{
    /// <summary>Creates the exception. The message says what was found, what was expected and what to do. It never contains a file name or a URL.</summary>
    /// <param name="message">The full sentence.</param>
    /// <param name="offset">The byte offset in the slide, if known.</param>
    /// <param name="tag">The TIFF tag, or the DICOM element as group &lt;&lt; 16 | element, if known.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SlideFormatException(string message, long? offset = null, int? tag = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Offset = offset;
        Tag = tag;
    }

    /// <inheritdoc/>
    public override string PlainMessage => "The slide is damaged, or the analysis cannot read its format.";

    /// <summary>The byte offset in the slide at which the error was found, if known.</summary>
    public long? Offset { get; }

    /// <summary>The TIFF tag with the error, or the DICOM element as group &lt;&lt; 16 | element; null if not known.</summary>
    public int? Tag { get; }
}
