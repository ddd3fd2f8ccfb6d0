using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Rows that lie one after the other as they are: nothing has to be passed over.</summary>
/// <param name="encoded">All rows.</param>
/// <param name="tile">What the container says of them.</param>
/// <param name="rowBytes">Bytes of a row.</param>
/// <param name="codec">Decodes the rows it is given.</param>
sealed class PlainRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int rowBytes, ITileCodec codec) : IRowDecoder
{
    public int Row { get; private set; }

    public void Skip(int rows) => Row += rows;

    public void Read(PixelTarget target)
    {
        var from = (long)Row * rowBytes;
        if (from > encoded.Length) throw new SlideFormatException($"the tile ends after {encoded.Length} bytes of pixels. It is damaged or was cut short.");
        codec.Decode(encoded.Span[(int)from..], tile with { Height = target.Height }, 1, target);
        Row += target.Height;
    }

    public void Dispose()
    {
    }
}
