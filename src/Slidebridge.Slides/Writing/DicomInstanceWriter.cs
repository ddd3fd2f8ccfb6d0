using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Slidebridge.Slides.Formats.Dicom;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// Writes one instance: the data set with placeholders for values that depend on the pixels, then the frames, and at the end these values.
/// The preamble's <c>DICM</c> is written last, so that a file whose writing was interrupted does not look like a DICOM file.
/// </summary>
sealed class DicomInstanceWriter : ILevelSink, IDisposable
{
    const uint ExtendedOffsets = 0x7FE00001, ExtendedLengths = 0x7FE00002;

    const int Preamble = 128, ItemHeader = 8;

    readonly SafeFileHandle file;
    readonly DicomPart part;
    readonly long[] offsets, lengths;
    readonly long ratioAt, basicAt, extendedAt, extendedLengthsAt, firstItem;
    readonly bool extended;
    long position;

    /// <param name="path">The file; created or replaced.</param>
    /// <param name="description">The series.</param>
    /// <param name="part">This instance.</param>
    /// <param name="extended">True for an Extended Offset Table, false for a Basic Offset Table.</param>
    public DicomInstanceWriter(string path, DicomDescription description, DicomPart part, bool extended)
    {
        this.part = part;
        this.extended = extended;
        offsets = new long[part.Frames];
        lengths = new long[part.Frames];
        var dataset = description.Dataset(part);
        if (extended) dataset.Bytes(ExtendedOffsets, DicomVr.OV, new byte[offsets.Length * 8L]).Bytes(ExtendedLengths, DicomVr.OV, new byte[offsets.Length * 8L]);

        var meta = description.Meta(part);
        var start = Preamble + 4 + meta.Length;
        var body = dataset.ToArray();
        ratioAt = start + dataset.OffsetOfValue(DicomDescription.Ratio) + description.EarlierRatios(part).Length;
        if (extended) (extendedAt, extendedLengthsAt) = (start + dataset.OffsetOfValue(ExtendedOffsets), start + dataset.OffsetOfValue(ExtendedLengths));
        // OB of undefined length, then the item of the Basic Offset Table: empty if there is an extended one.
        var table = extended ? 0 : offsets.Length * 4;
        byte[] pixels = [0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, .. BitConverter.GetBytes(table)];
        basicAt = start + body.Length + pixels.Length;
        position = firstItem = basicAt + table;

        file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(file, [.. new byte[4], .. meta, .. body, .. pixels], Preamble);
    }

    public async ValueTask WriteAsync(int index, byte[] jpeg, CancellationToken cancellationToken)
    {
        if (!extended && position - firstItem > uint.MaxValue)
            throw new InvalidOperationException("The level's pixels are larger than 4 GB, which a Basic Offset Table does not support. Set DicomSeriesWriterOptions.ExtendedOffsetTable to true or null.");
        var padding = jpeg.Length & 1;
        ReadOnlyMemory<byte> header = new byte[] { 0xFE, 0xFF, 0x00, 0xE0 }.Concat(BitConverter.GetBytes(jpeg.Length + padding)).ToArray();
        offsets[index] = position - firstItem;
        lengths[index] = jpeg.Length + padding;
        await RandomAccess.WriteAsync(file, [header, jpeg, new byte[padding]], position, cancellationToken);
        position += ItemHeader + jpeg.Length + padding;
    }

    /// <summary>Completes the file after its last frame.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await RandomAccess.WriteAsync(file, new byte[] { 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0 }, position, cancellationToken);
        await RandomAccess.WriteAsync(file, Encoding.ASCII.GetBytes(Ratio()), ratioAt, cancellationToken);
        if (extended)
        {
            await RandomAccess.WriteAsync(file, Values(offsets, 8), extendedAt, cancellationToken);
            await RandomAccess.WriteAsync(file, Values(lengths, 8), extendedLengthsAt, cancellationToken);
        }
        else await RandomAccess.WriteAsync(file, Values(offsets, 4), basicAt, cancellationToken);
        await RandomAccess.WriteAsync(file, "DICM"u8.ToArray(), Preamble, cancellationToken);
    }

    public void Dispose() => file.Dispose();

    string Ratio()
    {
        var stored = (double)lengths.Sum();
        var pixels = (double)part.Frames * part.TileWidth * part.TileHeight * 3;
        return (pixels / stored).ToString("0.###", CultureInfo.InvariantCulture).PadRight(16);
    }

    static byte[] Values(long[] values, int valueBytes)
    {
        var bytes = new byte[values.Length * valueBytes];
        for (var i = 0; i < values.Length; i++) BitConverter.GetBytes(values[i]).AsSpan(0, valueBytes).CopyTo(bytes.AsSpan(i * valueBytes));
        return bytes;
    }
}
