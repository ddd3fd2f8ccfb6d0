using System.Buffers.Binary;

namespace Slidebridge.Overlays;

/// <summary>A slide's small picture and the size of the slide it stands for.</summary>
/// <param name="SlideWidth">Level-0 pixels.</param>
/// <param name="SlideHeight">Level-0 pixels.</param>
/// <param name="Jpeg">The picture, or null where there is none to be had cheaply.</param>
sealed record OverlayBase(int SlideWidth, int SlideHeight, byte[]? Jpeg)
{
    const int HeaderLength = 8;

    /// <summary>The file is the two sizes (32 bits, little endian), then the JPEG; written beside and renamed, so it is whole or absent.</summary>
    public void Write(string path)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteInt32LittleEndian(header, SlideWidth);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], SlideHeight);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            WriteNew(temporary, header);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    void WriteNew(string path, ReadOnlySpan<byte> header)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(header);
        file.Write(Jpeg);
    }

    public static OverlayBase? Read(string path)
    {
        var file = File.ReadAllBytes(path);
        return file.Length < HeaderLength ? null : new OverlayBase(
            BinaryPrimitives.ReadInt32LittleEndian(file), BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)),
            file.Length > HeaderLength ? file[HeaderLength..] : null);
    }
}
