namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>How an object's elements and pixels are written. PS3.5 §10 and annex A; PS3.6 table A-1.</summary>
/// <param name="IsImplicit">Elements without their value representation.</param>
/// <param name="Compression">The codec's name; <c>none</c> for native pixels.</param>
sealed record TransferSyntax(bool IsImplicit, string Compression)
{
    const string Root = "1.2.840.10008.1.2";

    /// <summary>Frames in items of their own, not one after the other.</summary>
    public bool IsEncapsulated => Compression != "none";

    /// <exception cref="SlideFormatException">Missing, or none that can be read; says which and what to do.</exception>
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
            _ => throw Unreadable("unknown here"),
        }
        : throw Unreadable("unknown here");

        SlideFormatException Unreadable(string what) => new(
            $"The object is in transfer syntax {Printable(uid)}, {what}. Convert it to explicit little endian or to one of JPEG's.", offset, DicomTag.TransferSyntaxUid);
    }

    static string Printable(string uid) => uid.Length <= 64 && uid.All(letter => letter is '.' or (>= '0' and <= '9')) ? uid : "that is no UID";
}
