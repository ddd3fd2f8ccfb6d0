namespace Slidebridge.Slides;

/// <summary>A run of bytes in a source.</summary>
/// <param name="Offset">Bytes from the start.</param>
/// <param name="Length">Bytes in the run.</param>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The offset just past the run.</summary>
    public long End => Offset + Length;
}
