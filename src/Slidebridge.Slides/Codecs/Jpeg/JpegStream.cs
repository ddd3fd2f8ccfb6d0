namespace Slidebridge.Slides.Codecs;

/// <summary>
/// Makes a stream that every decoder reads alike from a tile as slides store it:
/// the shared tables go in front, and an Adobe marker states the colour that the container states.
/// Aperio stores RGB without any marker; a decoder left to guess takes it for YCbCr and shifts every colour.
/// </summary>
static class JpegStream
{
    // APP14 "Adobe", version 100, flags 0 and 0, then the transform: 0 is RGB, 1 is YCbCr. Adobe Technical Note 5116 §18.
    static ReadOnlySpan<byte> Adobe => [0xFF, JpegSegments.App14, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0];

    /// <summary>Bytes that <see cref="Compose"/> needs at most.</summary>
    public static int Room(ReadOnlySpan<byte> tile, ReadOnlySpan<byte> tables) => tile.Length + tables.Length + Adobe.Length + 1;

    /// <summary>Writes the stream and returns its length.</summary>
    /// <param name="tile">A JPEG, possibly without tables.</param>
    /// <param name="tables">An abbreviated JPEG with tables only, or empty.</param>
    /// <param name="color">Rgb or YCbCr to state it; anything else leaves the stream's own word.</param>
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

        // The tile's own tables come later and so win; its word on colour is dropped where ours was given.
        var rest = 2;
        foreach (var segment in new JpegSegments(tile))
        {
            rest = segment.End;
            if (!stated || segment.Marker is not (JpegSegments.App0 or JpegSegments.App14)) length += Append(segment.Bytes, stream[length..]);
        }
        return length + Append(tile[rest..], stream[length..]);
    }

    /// <summary>Copies bytes to the front of the rest of a stream, and returns how many.</summary>
    public static int Append(ReadOnlySpan<byte> bytes, Span<byte> stream)
    {
        bytes.CopyTo(stream);
        return bytes.Length;
    }
}
