namespace Slidebridge.Slides.Formats;

/// <summary>The position of a tile's encoded bytes.</summary>
/// <param name="Source">The object of the slide that contains them.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Length">Bytes of the tile, above 0; checked against the source and against the most that a tile of its size can need.</param>
readonly record struct TileLocation(ByteSource Source, long Offset, long Length);
