using System.Buffers;
using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>
/// Joins the strips of a picture, each a JPEG as wide as the picture, into one JPEG without decoding them. Each strip begins a new entropy-coded segment, so a restart
/// marker between two strips (ITU-T T.81 B.2.1) makes them one scan. That needs baseline strips with the same tables and components, of whole rows of coded blocks.
/// </summary>
/// <param name="width">The picture's pixels.</param>
/// <param name="height">The picture's rows.</param>
/// <param name="room">Bytes of all strips, or more: the joined picture is not larger.</param>
sealed class JpegStrips(int width, int height, int room) : IDisposable
{
    /// <summary>Four tables of each kind and the frame take 1.5 KB.</summary>
    public const int MostHeader = 4096;

    readonly byte[] scan = ArrayPool<byte>.Shared.Rent(room);
    byte[]? header;
    int length, headerScan, frameHeight, unitsPerRow, unitHeight, rowsPerStrip, rows, strips;

    /// <summary>Adds the next strip from the top.</summary>
    /// <param name="jpeg">A complete JPEG: with its tables.</param>
    /// <returns>False where the strips cannot be joined.</returns>
    public bool TryAdd(ReadOnlySpan<byte> jpeg)
    {
        int heightAt = 0, scanAt = 2;
        foreach (var segment in new JpegSegments(jpeg))
        {
            scanAt = segment.End;
            // Text and pictures beside the picture are not kept: they may name a patient.
            if (!segment.IsFrameHeader && segment.Marker is not (JpegSegments.Dqt or JpegSegments.Dht or JpegSegments.App0 or JpegSegments.App14)) return false;
            if (!segment.IsFrameHeader) continue;
            heightAt = segment.Start + 5;
            // Sequential with Huffman codes.
            if (segment.Marker is not (JpegSegments.Sof0 or JpegSegments.Sof1) || segment.Bytes.Length < 10 || (header is null && !TryReadFrame(segment.Bytes))) return false;
        }
        if (heightAt == 0 || scanAt + 4 > jpeg.Length || jpeg[scanAt + 1] != JpegSegments.Sos) return false;
        var stripRows = BinaryPrimitives.ReadUInt16BigEndian(jpeg[heightAt..]);
        var dataAt = scanAt + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(scanAt + 2)..]);
        if (dataAt > jpeg.Length || dataAt > MostHeader || EndOfScan(jpeg[dataAt..]) is not { } dataLength || length + dataLength + 2 > scan.Length) return false;

        var own = jpeg[..dataAt].ToArray();
        own.AsSpan(heightAt, 2).Clear();
        if (header is null) (header, headerScan, frameHeight, rowsPerStrip) = (own, scanAt, heightAt, stripRows);
        // Only the last strip may be lower, and each before it ends with a row of coded blocks.
        else if (!own.AsSpan().SequenceEqual(header) || rows % rowsPerStrip != 0 || stripRows > rowsPerStrip || rowsPerStrip % unitHeight != 0) return false;
        else Append([0xFF, (byte)(JpegSegments.Rst0 + (strips - 1) % 8)]);
        strips++;
        rows += stripRows;
        Append(jpeg.Slice(dataAt, dataLength));
        return rows <= height;
    }

    void Append(ReadOnlySpan<byte> bytes) => length += JpegStream.Append(bytes, scan.AsSpan(length));

    /// <summary>The whole picture; null where rows are missing, or where a strip has more coded blocks than a restart interval can count.</summary>
    public byte[]? TryFinish()
    {
        var interval = (long)unitsPerRow * (rowsPerStrip / Math.Max(1, unitHeight));
        if (header is null || rows != height || (strips > 1 && interval > ushort.MaxValue)) return null;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(frameHeight), (ushort)height);
        ReadOnlySpan<byte> restarts = strips > 1 ? [0xFF, JpegSegments.Dri, 0, 4, (byte)(interval >> 8), (byte)interval] : [];
        var joined = new byte[header.Length + restarts.Length + length + 2];
        var at = JpegStream.Append(header.AsSpan(0, headerScan), joined);
        at += JpegStream.Append(restarts, joined.AsSpan(at));
        at += JpegStream.Append(header.AsSpan(headerScan), joined.AsSpan(at));
        at += JpegStream.Append(scan.AsSpan(0, length), joined.AsSpan(at));
        JpegStream.Append([0xFF, JpegSegments.Eoi], joined.AsSpan(at));
        return joined;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(scan);

    /// <summary>Reads width and sampling factors. A scan of one component has one block in a unit, whatever its factors (A.2.2).</summary>
    bool TryReadFrame(ReadOnlySpan<byte> frame)
    {
        var components = frame[9];
        // The decoder reads 8 bits of grey or of three colours.
        if (frame[4] != 8 || components is not (1 or 3)) return false;
        if (BinaryPrimitives.ReadUInt16BigEndian(frame[7..]) != width || height > ushort.MaxValue || frame.Length < 10 + components * 3) return false;
        int across = 1, down = 1;
        for (var i = 0; components > 1 && i < components; i++)
        {
            var factors = frame[11 + i * 3];
            (across, down) = (Math.Max(across, factors >> 4), Math.Max(down, factors & 15));
        }
        unitHeight = down * 8;
        unitsPerRow = (width + across * 8 - 1) / (across * 8);
        return true;
    }

    /// <summary>The length of the entropy-coded data up to EOI; null if it is truncated, or has restart markers or a second scan.</summary>
    static int? EndOfScan(ReadOnlySpan<byte> data)
    {
        for (var at = 0; ;)
        {
            var next = data[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= data.Length) return null;
            at += next;
            if (data[at + 1] == JpegSegments.Eoi) return at;
            if (data[at + 1] != 0) return null; // FF00 is a byte of data.
            at += 2;
        }
    }
}
