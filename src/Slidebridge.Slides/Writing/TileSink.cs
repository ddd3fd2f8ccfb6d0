using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Writing;

/// <summary>Appends encoded tiles to the slide's file.</summary>
/// <param name="file">The slide.</param>
/// <param name="start">The position of the first byte.</param>
/// <param name="limit">The largest offset that the file format supports.</param>
sealed class TileSink(SafeFileHandle file, long start, long limit)
{
    /// <summary>The position of the next byte.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Overwrites the bytes that were reserved at the front.</summary>
    public ValueTask WriteHeaderAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => RandomAccess.WriteAsync(file, bytes, 0, cancellationToken);

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // Classic TIFF requires even offsets for directories and values (TIFF 6.0 §2).
        Position += Position & 1;
        var at = Position;
        if (bytes.Length > limit - at) throw new InvalidOperationException("The slide is larger than 4 GB, which classic TIFF does not support. Set PyramidWriterOptions.BigTiff to true or null.");
        await RandomAccess.WriteAsync(file, bytes, at, cancellationToken);
        Position += bytes.Length;
        return at;
    }
}
