namespace Slidebridge.Slides.Formats;

/// <summary>Where a tile's encoded bytes lie.</summary>
/// <param name="Source">Which of the slide's objects.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Length">Bytes of the tile, above 0; checked against the source and against what a tile of its size can need.</param>
readonly record struct TileLocation(ByteSource Source, long Offset, long Length);
