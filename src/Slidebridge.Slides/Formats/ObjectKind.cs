using System.Text;

namespace Slidebridge.Slides.Formats;

/// <summary>What an object is, by its first bytes: used to choose among several objects, and to describe an object in a message without its name.</summary>
/// <param name="What">Its description in messages.</param>
/// <param name="Role">Its possible role in a slide.</param>
sealed record ObjectKind(string What, ObjectRole Role)
{
    static readonly ObjectKind Dicom = new("DICOM", ObjectRole.Dicom), Tiff = new("a TIFF", ObjectRole.Tiff), Unknown = new("of an unknown kind", ObjectRole.Unknown);

    // The first bytes of files that often lie beside slides: pictures of slides, reports, files of file managers.
    static readonly (byte[] Magic, string What)[] Others =
    [
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG picture"),
        ("GIF8"u8.ToArray(), "a GIF picture"),
        ("BM"u8.ToArray(), "a BMP picture"),
        ("%PDF"u8.ToArray(), "a PDF"),
        ("PK\x03\x04"u8.ToArray(), "a zip"),
        ("PK\x05\x06"u8.ToArray(), "an empty zip"),
        ([0x1F, 0x8B], "a gzip file"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an OLE file such as Thumbs.db"),
        ("MZ"u8.ToArray(), "a Windows program"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "a program"),
    ];

    public static ObjectKind Of(SlideObject slide)
    {
        if (slide.Head.IsEmpty) return new ObjectKind("empty", ObjectRole.None);
        // Check before TIFF: a DICOM file's preamble may make it a TIFF as well, PS3.10 §7.1.
        if (slide.StartsWith("DICM"u8, 128)) return slide.Head.Span[132..].IndexOf("1.2.840.10008.1.3.10\0"u8) >= 0 ? new ObjectKind("a DICOMDIR", ObjectRole.None) : Dicom;
        if (IsTiff(slide)) return Tiff;
        foreach (var (magic, what) in Others)
            if (slide.StartsWith(magic)) return new ObjectKind(what, ObjectRole.None);
        return IsText(slide.Head.Span, out var text) ? new ObjectKind(text.TrimStart('\uFEFF', '\u00EF', '\u00BB', '\u00BF').TrimStart().StartsWith('<') ? "XML or HTML" : "text", ObjectRole.None) : Unknown;
    }

    /// <summary>Whether the first bytes already show what the object is. A TIFF may still be a DICOM object, with a preamble that makes it a TIFF too.</summary>
    public static bool IsByMagic(SlideObject slide) => IsTiff(slide) || Others.Any(other => other.Magic.Length >= ShortestMagic && slide.StartsWith(other.Magic));

    // Two letters may also be the beginning of a text.
    const int ShortestMagic = 3;

    /// <summary>Whether an object is a TIFF, classic or BigTIFF (TIFF 6.0 §2): a complete slide.</summary>
    public static bool IsTiff(SlideObject slide) => slide.StartsWith("II*\0"u8) || slide.StartsWith("MM\0*"u8) || IsBigTiff(slide);

    public static bool IsBigTiff(SlideObject slide) => slide.StartsWith("II+\0"u8) || slide.StartsWith("MM\0+"u8);

    /// <summary>Text contains no control characters except those that separate its lines and columns.</summary>
    static bool IsText(ReadOnlySpan<byte> head, out string text)
    {
        var encoding = head.StartsWith<byte>([0xFF, 0xFE]) ? Encoding.Unicode : head.StartsWith<byte>([0xFE, 0xFF]) ? Encoding.BigEndianUnicode : Encoding.Latin1;
        text = encoding.GetString(head);
        return text.All(letter => !char.IsControl(letter) || letter is '\t' or '\r' or '\n' or '\f' or (>= '\u0080' and <= '\u009F'));
    }
}

/// <summary>The possible role of an object in a slide.</summary>
enum ObjectRole
{
    /// <summary>Not part of any slide.</summary>
    None,

    /// <summary>Unknown: possibly another vendor's slide.</summary>
    Unknown,

    /// <summary>A complete slide.</summary>
    Tiff,

    /// <summary>One of the objects of a series.</summary>
    Dicom,
}
