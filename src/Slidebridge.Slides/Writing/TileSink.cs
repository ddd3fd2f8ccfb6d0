using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Writing;

/// <summary>Appends encoded tiles to the slide's file.</summary>
/// <param name="file">The slide.</param>
/// <param name="start">Where the first byte goes.</param>
/// <param name="limit">The largest offset that the file can tell.</param>
sealed class TileSink(SafeFileHandle file, long start, long limit)
{
    /// <summary>Where the next byte goes.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Writes over what was left free at the front.</summary>
    public ValueTask WriteHeaderAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => RandomAccess.WriteAsync(file, bytes, 0, cancellationToken);

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // Classic TIFF wants directories and values on even offsets (TIFF 6.0 §2).
        Position += Position & 1;
        var at = Position;
        if (bytes.Length > limit - at) throw new InvalidOperationException("The slide passes 4 GB, which classic TIFF cannot tell. Leave PyramidWriterOptions.BigTiff null, or set it.");
        await RandomAccess.WriteAsync(file, bytes, at, cancellationToken);
        Position += bytes.Length;
        return at;
    }
}
