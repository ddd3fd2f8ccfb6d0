using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>A message between the bridge and a reader: a length and that number of bytes, limited in both directions.</summary>
static class ReaderFrame
{
    const int Longest = 32 * 1024 * 1024;

    /// <summary>The next frame; null at the end.</summary>
    /// <exception cref="IOException">The frame is truncated, or longer than the limit.</exception>
    public static byte[]? Read(Stream stream)
    {
        Span<byte> length = stackalloc byte[4];
        var read = stream.ReadAtLeast(length, 4, throwOnEndOfStream: false);
        if (read == 0) return null;
        if (read < 4) throw new EndOfStreamException();
        var count = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (count is < 0 or > Longest) throw new IOException("A frame has an impossible length.");
        var frame = new byte[count];
        stream.ReadExactly(frame);
        return frame;
    }

    public static void Write(Stream stream, Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        memory.Write(stackalloc byte[4]);
        using (var writer = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true)) write(writer);
        var frame = memory.GetBuffer().AsSpan(0, (int)memory.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - 4);
        stream.Write(frame);
        stream.Flush();
    }
}

/// <summary>The orders to a reader.</summary>
enum ReaderOrder : byte
{
    /// <summary>Open: the slide's path, the pixels' file, and the folder that may be read too (or an empty text). The answer is the slide's <see cref="ReaderDescription"/>.</summary>
    Open,

    /// <summary>Read a region: x, y, level, width, height. The reader writes its pixels to the pixels' file.</summary>
    Region,

    /// <summary>Read an associated image: its name, the first pixel, the number of pixels.</summary>
    Image,
}
