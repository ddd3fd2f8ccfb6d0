namespace Slidebridge.Objects;

/// <summary>
/// The bytes of one tile, little endian. The sections have no gaps, and the ones of larger values come first, so that each is aligned and a browser reads it in place:
/// <code>
/// header, 32 bytes    u32 magic "SBOT", u16 version, u16 flags (1: colours), u32 objects n, u32 rings r, u32 vertices v, u32 cells c, u16 edge of a cell, u16 level, u32 0
/// u32 id[n]           an object's number in the result; the same in each tile that the object reaches
/// u32 color[n]        0xffrrggbb, 0 if the class decides; only with flag 1
/// i16 xy[2 v]         1/8 pixel of the level, from the tile's top left corner; may reach beyond the tile
/// u8  quartiles[4 c]  scores of the objects in a cell: highest, upper third, lower third, lowest; 0 for objects without a score, else 1 to 255 from the class's lowest to its highest
/// u16 rings[n]        rings, lines or lists of points of each object
/// u16 length[r]       vertices of each; the last vertex of a polygon's ring is the same as its first
/// u16 cell[c]         column + row · columns of the cell; a cell may appear several times
/// u16 count[c]        objects of one class in the cell
/// u8  class[n]        listed number of the class
/// u8  score[n]        as in quartiles
/// u8  kind[n]         0 point, 1 line, 2 polygon (filled by the even-odd rule)
/// u8  cellClass[c]
/// </code>
/// Objects are in the order in which they are painted. An object is drawn in every tile that it reaches. One that is too small, or does not fit, is counted in one cell, in the tile of its centre.
/// </summary>
static class TileFormat
{
    public const uint Magic = 0x544f4253; // "SBOT"

    public const ushort Version = 1;

    public const int HeaderSize = 32;

    /// <summary>Pixels of the level along one edge of a tile.</summary>
    public const int Edge = 512;

    /// <summary>Parts of a pixel of the level in which vertices are given.</summary>
    public const int Parts = 8;

    /// <summary>Maximum bytes of a tile: with the headers of an answer below 200 KB.</summary>
    public const int MostBytes = 196_000;

    /// <summary>Bytes of one cell.</summary>
    public const int CellSize = 9;

    /// <summary>Bytes of one object without its rings and vertices, and of one ring without its vertices.</summary>
    public const int ObjectSize = 9, ColorSize = 4, RingSize = 2, VertexSize = 4;

    /// <summary>The smallest edge of a cell, pixels of the level.</summary>
    public const int SmallestCell = 4;
}
