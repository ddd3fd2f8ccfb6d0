namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The encoding of an object's elements and pixels. PS3.5 §10 and annex A; PS3.6 table A-1.</summary>
/// <param name="IsImplicit">True if elements have no value representation.</param>
/// <param name="Compression">The codec's name; <c>none</c> for native pixels.</param>
sealed record TransferSyntax(bool IsImplicit, string Compression)
{
    const string Root = "1.2.840.10008.1.2";

    /// <summary>True if frames are stored in separate items, not one after the other.</summary>
    public bool IsEncapsulated => Compression != "none";

    /// <exception cref="SlideFormatException">The transfer syntax is missing or not supported; the message names it and says what to do.</exception>
    public static TransferSyntax Find(string? uid, long offset)
    {
        if (uid is null) throw new SlideFormatException("The object does not name its transfer syntax. It is incomplete: export it again.", offset, DicomTag.TransferSyntaxUid);
        return uid.StartsWith(Root, StringComparison.Ordinal) ? uid[Root.Length..] switch
        {
            "" => new(true, "none"),
            ".1" => new(false, "none"),
            ".1.99" => throw Unreadable("deflated"),
            ".2" => throw Unreadable("explicit big endian, retired since 2006"),
            ".4.50" or ".4.51" => new(false, "jpeg"),
            ".4.57" or ".4.70" => new(false, "jpeg-lossless"),
            ".4.80" or ".4.81" => new(false, "jpeg-ls"),
            ".4.90" or ".4.91" => new(false, "jpeg2000"),
            ".4.201" or ".4.202" or ".4.203" => new(false, "jpeg2000"),
            ".4.110" or ".4.111" or ".4.112" => new(false, "jpeg-xl"),
            ".5" => new(false, "rle"),
            _ => throw Unreadable("which this reader does not know"),
        }
        : throw Unreadable("which this reader does not know");

        SlideFormatException Unreadable(string what) => new(
            $"The object is in transfer syntax {Printable(uid)}, {what}. Convert it to explicit little endian or to a JPEG transfer syntax.", offset, DicomTag.TransferSyntaxUid);
    }

    static string Printable(string uid) => uid.Length <= 64 && uid.All(letter => letter is '.' or (>= '0' and <= '9')) ? uid : "that is not a UID";
}
