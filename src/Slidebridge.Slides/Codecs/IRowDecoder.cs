using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes a tile that is too large to decode at once: band by band from the top, in memory for a few rows. Not thread-safe.</summary>
interface IRowDecoder : IDisposable
{
    /// <summary>The next row, in rows of the reduced tile.</summary>
    int Row { get; }

    /// <summary>Skips rows. For most compressions this costs as much as decoding them.</summary>
    void Skip(int rows);

    /// <summary>Decodes the next target.Height rows, and of each row the first target.Width pixels.</summary>
    /// <exception cref="SlideFormatException">The bytes are damaged. The exception has no offset: the caller adds the tile's position.</exception>
    void Read(PixelTarget target);
}
