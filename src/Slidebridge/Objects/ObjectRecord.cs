using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>One row of an index's table of objects. Rows are in the order of the result; a row's number is the object's id.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
struct ObjectRecord
{
    /// <summary>Bytes of a row in the file.</summary>
    public const int Size = 64;

    /// <summary>The box, level-0 pixels.</summary>
    public float MinX, MinY, MaxX, MaxY;

    /// <summary>NaN if it has none.</summary>
    public float Score;

    /// <summary>Square level-0 pixels; 0 for lines and points.</summary>
    public float Area;

    /// <summary>Level-0 pixels: circumference or length.</summary>
    public float Perimeter;

    /// <summary>0xffrrggbb; 0 if the class decides.</summary>
    public uint Color;

    /// <summary>Where it is written in the result.</summary>
    public int SourceOffset, SourceLength;

    /// <summary>Its place in its feature's collection of geometries, or −1.</summary>
    public int Part;

    public int Vertices;

    /// <summary>Where its vertices are while the index is made; without meaning in a finished index.</summary>
    public uint ShapeLow, ShapeHigh;

    /// <summary>The number of its class, in the order in which classes appear.</summary>
    public ushort Class;

    public ShapeKind Kind;

    public ObjectTraits Traits;

    /// <summary>Fills the row.</summary>
    public int Reserved;

    public long Shape
    {
        readonly get => (long)(((ulong)ShapeHigh << 32) | ShapeLow);
        set => (ShapeLow, ShapeHigh) = ((uint)value, (uint)(value >> 32));
    }

    public readonly bool HasScore => !float.IsNaN(Score);

    /// <summary>The longer side of its box, level-0 pixels.</summary>
    public readonly float Extent => Math.Max(MaxX - MinX, MaxY - MinY);

    public readonly double CenterX => ((double)MinX + MaxX) / 2;

    public readonly double CenterY => ((double)MinY + MaxY) / 2;
}

/// <summary>What is special about an object.</summary>
[Flags]
enum ObjectTraits : byte
{
    None = 0,

    /// <summary>One of many that a report counts.</summary>
    Counted = 1,

    /// <summary>It had more vertices than are kept.</summary>
    Thinned = 2,

    /// <summary>Some coordinates were out of range and were moved.</summary>
    Moved = 4,

    /// <summary>It lies completely outside the slide, so it is in no tile.</summary>
    Outside = 8,

    /// <summary>A part of it lies outside the slide.</summary>
    PartlyOutside = 16,

    /// <summary>Its outline crosses itself.</summary>
    Crossing = 32,
}
