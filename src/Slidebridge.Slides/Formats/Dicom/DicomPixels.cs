using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>How the samples of an object's frames are stored. PS3.3 C.7.6.3; PS3.5 §8.</summary>
/// <param name="Columns">A frame's pixels in a row.</param>
/// <param name="Rows">A frame's rows.</param>
/// <param name="Samples">Samples per pixel: 1 or 3.</param>
/// <param name="Color">The samples' meaning for the codec.</param>
/// <param name="Codec">Null if this build has none for the compression.</param>
/// <param name="FrameBytes">Bytes of a decoded frame; also of a stored frame if the pixels are native.</param>
/// <param name="IsTransformed">Whether the object states that its JPEG 2000 streams have their own colour transform.</param>
/// <param name="IsSubsampled">Whether the object states that pixels share their chroma, in cases that only the encoded frames can confirm.</param>
/// <param name="Unsupported">Why the frames cannot be decoded although they can be described; null if they can.</param>
sealed record DicomPixels(int Columns, int Rows, int Samples, StoredColor Color, ITileCodec? Codec, long FrameBytes, bool IsTransformed, bool IsSubsampled, string? Unsupported)
{
    static readonly ITileCodec Planar = new PlanarCodec(), Ybr422 = new Ybr422Codec();

    public static DicomPixels Of(DicomDataset dataset, TransferSyntax syntax)
    {
        var rows = dataset.Size(DicomTag.Rows, 1, ushort.MaxValue);
        var columns = dataset.Size(DicomTag.Columns, 1, ushort.MaxValue);
        var samples = dataset.Size(DicomTag.SamplesPerPixel, 1, 4, missing: 1);
        var bits = dataset.Size(DicomTag.BitsAllocated, 1, 64, missing: 8);
        var used = dataset.Size(DicomTag.BitsStored, 1, 64, missing: bits);
        var planar = dataset.Size(DicomTag.PlanarConfiguration, 0, 1, missing: 0) == 1 && samples == 3;
        var photometric = dataset.Text(DicomTag.PhotometricInterpretation) ?? (samples == 3 ? "RGB" : "MONOCHROME2");

        var color = ColorOf(photometric);
        var isNative422 = photometric == "YBR_FULL_422" && syntax.Compression == "none";
        var codec = syntax.Compression != "none" ? TileCodecs.Find(syntax.Compression)
            : isNative422 ? Ybr422
            : planar ? Planar
            : TileCodecs.Find("none");
        var frameBytes = (long)rows * columns * (isNative422 ? 2 : samples) * ((bits + 7) / 8);
        return new DicomPixels(columns, rows, samples, color, codec, frameBytes, photometric is "YBR_ICT" or "YBR_RCT",
            photometric is "YBR_FULL_422" or "YBR_PARTIAL_420" && !isNative422, WhyNot(bits, used, samples, photometric, color, isNative422, planar, columns));
    }

    // A JPEG 2000 stream with a colour transform (ICT, RCT) states that itself, and its decoder returns RGB: PS3.5 §8.2.4.
    static StoredColor ColorOf(string photometric) => photometric switch
    {
        "RGB" or "YBR_ICT" or "YBR_RCT" => StoredColor.Rgb,
        "YBR_FULL" or "YBR_FULL_422" or "YBR_PARTIAL_420" => StoredColor.YCbCr,
        "MONOCHROME2" => StoredColor.Gray,
        "MONOCHROME1" => StoredColor.GrayMinIsWhite,
        _ => StoredColor.Unknown,
    };

    static string? WhyNot(int bits, int used, int samples, string photometric, StoredColor color, bool isNative422, bool planar, int columns)
    {
        if (bits != 8 || used > 8) return $"samples of {used} bits in {bits}; expected 8. Convert it to 8 bits and export it again";
        if (photometric == "PALETTE COLOR") return "PALETTE COLOR; expected RGB, YBR or MONOCHROME. Export it again as RGB";
        var isGray = color is StoredColor.Gray or StoredColor.GrayMinIsWhite;
        if (color == StoredColor.Unknown || samples != (isGray ? 1 : 3)) return $"{samples} samples per pixel with an unsupported colour model; expected RGB or YBR with 3 samples, or MONOCHROME with 1. Export it again as RGB";
        if (isNative422 && (planar || columns % 2 != 0)) return "YBR_FULL_422 in planes or with an odd width. Export it again as RGB";
        return null;
    }
}
