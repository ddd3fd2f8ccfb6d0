namespace Slidebridge.Objects;

/// <summary>Where an object is written in the result.</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">Bytes.</param>
readonly record struct SourceRange(int Offset, int Length);

/// <summary>An object that was just read. Its memory is reused for the next one.</summary>
ref struct FoundObject
{
    /// <summary>The name of its class, UTF-8; empty if it has none.</summary>
    public ReadOnlySpan<byte> ClassName { get; set; }

    /// <summary>Its score or confidence, or null.</summary>
    public double? Score { get; set; }

    /// <summary>Its own colour, 0xffrrggbb; 0 if the class decides.</summary>
    public uint Color { get; set; }

    /// <summary>The feature, point or box in the result.</summary>
    public SourceRange Source { get; set; }

    /// <summary>Its place in the feature's collection of geometries; −1 if it is not part of one.</summary>
    public int Part { get; set; }

    /// <summary>True for one of many objects that a report counts; false for a marked region.</summary>
    public bool IsCounted { get; set; }

    public ShapeBuffer Shape { get; set; }
}

/// <summary>Receives the objects of a result one by one.</summary>
interface IObjectReceiver
{
    void Receive(in FoundObject found);
}
