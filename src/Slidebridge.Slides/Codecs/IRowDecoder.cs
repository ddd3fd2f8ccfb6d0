using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes a tile too large to be decoded at once, a band of rows after another from the top, in memory of a few rows. For one caller at a time.</summary>
interface IRowDecoder : IDisposable
{
    /// <summary>The next row, in rows of the reduced tile.</summary>
    int Row { get; }

    /// <summary>Passes rows over; for most compressions as dear as decoding them.</summary>
    void Skip(int rows);

    /// <summary>Decodes the next target.Height rows, as many of their pixels as the target is wide.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged. Without an offset: the caller adds where the tile lies.</exception>
    void Read(PixelTarget target);
}
