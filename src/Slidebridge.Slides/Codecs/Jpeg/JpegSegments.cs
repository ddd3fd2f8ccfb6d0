using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>Walks a JPEG's marker segments from SOI to the first scan (SOS) or the end (EOI). ITU-T T.81 B.1.</summary>
ref struct JpegSegments(ReadOnlySpan<byte> jpeg)
{
    public const byte Sof0 = 0xC0, Sof1 = 0xC1, Dht = 0xC4, Rst0 = 0xD0, Soi = 0xD8, Eoi = 0xD9, Sos = 0xDA, Dqt = 0xDB, Dri = 0xDD, App0 = 0xE0, App14 = 0xEE;

    readonly ReadOnlySpan<byte> jpeg = jpeg;
    int next = 2;

    /// <summary>The current segment.</summary>
    public JpegSegment Current { get; private set; }

    public readonly JpegSegments GetEnumerator() => this;

    public bool MoveNext()
    {
        if (jpeg.Length < 4 || jpeg[0] != 0xFF || jpeg[1] != Soi) return false;
        // A marker may be preceded by any number of fill bytes FF.
        var at = next;
        while (at + 1 < jpeg.Length && jpeg[at] == 0xFF && jpeg[at + 1] == 0xFF) at++;
        if (at + 4 > jpeg.Length || jpeg[at] != 0xFF || !HasLength(jpeg[at + 1]) || jpeg[at + 1] == Sos) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        if (length < 2 || at + 2 + length > jpeg.Length) return false;
        Current = new JpegSegment(jpeg[at + 1], at, jpeg.Slice(at, 2 + length));
        next = at + 2 + length;
        return true;
    }

    // Skips markers without a length (RST, SOI, EOI, TEM) and FF00, which is not a marker: a decoder continues after them.
    static bool HasLength(byte marker) => marker is > 1 and not (>= 0xD0 and <= Eoi);
}

/// <summary>One marker segment.</summary>
/// <param name="marker">The marker's second byte.</param>
/// <param name="start">The offset of the segment's first byte.</param>
/// <param name="bytes">The marker, the length and the body.</param>
readonly ref struct JpegSegment(byte marker, int start, ReadOnlySpan<byte> bytes)
{
    public byte Marker { get; } = marker;

    /// <summary>True for a frame header: SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC). ITU-T T.81 table B.1.</summary>
    public bool IsFrameHeader => Marker is >= 0xC0 and <= 0xCF and not (JpegSegments.Dht or 0xC8 or 0xCC);

    public int Start { get; } = start;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public int End => Start + Bytes.Length;
}
