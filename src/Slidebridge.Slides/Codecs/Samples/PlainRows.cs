using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Uncompressed rows, stored one after the other: skipping rows costs nothing.</summary>
/// <param name="encoded">All rows.</param>
/// <param name="tile">What the container says about them.</param>
/// <param name="rowBytes">Bytes of a row.</param>
/// <param name="codec">Decodes the rows.</param>
sealed class PlainRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int rowBytes, ITileCodec codec) : IRowDecoder
{
    public int Row { get; private set; }

    public void Skip(int rows) => Row += rows;

    public void Read(PixelTarget target)
    {
        var from = (long)Row * rowBytes;
        if (from > encoded.Length) throw new SlideFormatException($"the tile ends after {encoded.Length} bytes of pixels. It is damaged or truncated.");
        codec.Decode(encoded.Span[(int)from..], tile with { Height = target.Height }, 1, target);
        Row += target.Height;
    }

    public void Dispose()
    {
    }
}
