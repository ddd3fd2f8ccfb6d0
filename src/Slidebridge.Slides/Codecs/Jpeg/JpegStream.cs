namespace Slidebridge.Slides.Codecs;

/// <summary>
/// Turns a tile, as slides store it, into a stream that every decoder reads in the same way:
/// the shared tables are put in front, and an Adobe marker states the container's colour model.
/// Aperio stores RGB without any marker; a decoder that must guess reads it as YCbCr and shifts every colour.
/// </summary>
static class JpegStream
{
    // APP14 "Adobe", version 100, flags 0 and 0, then the transform: 0 is RGB, 1 is YCbCr. Adobe Technical Note 5116 §18.
    static ReadOnlySpan<byte> Adobe => [0xFF, JpegSegments.App14, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0];

    /// <summary>The most bytes that <see cref="Compose"/> needs.</summary>
    public static int Room(ReadOnlySpan<byte> tile, ReadOnlySpan<byte> tables) => tile.Length + tables.Length + Adobe.Length + 1;

    /// <summary>Writes the stream and returns its length.</summary>
    /// <param name="tile">A JPEG, possibly without tables.</param>
    /// <param name="tables">An abbreviated JPEG that contains only tables, or empty.</param>
    /// <param name="color">Rgb or YCbCr: written into the stream. Any other value keeps what the stream itself states.</param>
    /// <param name="stream">At least <see cref="Room"/> bytes.</param>
    public static int Compose(ReadOnlySpan<byte> tile, ReadOnlySpan<byte> tables, StoredColor color, Span<byte> stream)
    {
        var stated = color is StoredColor.Rgb or StoredColor.YCbCr;
        var length = Append([0xFF, JpegSegments.Soi], stream);
        if (stated)
        {
            length += Append(Adobe, stream[length..]);
            stream[length++] = color == StoredColor.YCbCr ? (byte)1 : (byte)0;
        }
        foreach (var segment in new JpegSegments(tables))
            if (segment.Marker is not (JpegSegments.App0 or JpegSegments.App14)) length += Append(segment.Bytes, stream[length..]);

        // The tile's own tables come later, so decoders use them. The tile's own colour marker is dropped if we wrote one.
        var rest = 2;
        foreach (var segment in new JpegSegments(tile))
        {
            rest = segment.End;
            if (!stated || segment.Marker is not (JpegSegments.App0 or JpegSegments.App14)) length += Append(segment.Bytes, stream[length..]);
        }
        return length + Append(tile[rest..], stream[length..]);
    }

    /// <summary>Copies bytes to the start of the rest of a stream, and returns their number.</summary>
    public static int Append(ReadOnlySpan<byte> bytes, Span<byte> stream)
    {
        bytes.CopyTo(stream);
        return bytes.Length;
    }
}
