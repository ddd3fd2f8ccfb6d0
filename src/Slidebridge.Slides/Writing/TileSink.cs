using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Writing;

/// <summary>Appends encoded tiles to the slide's file.</summary>
sealed class TileSink(SafeFileHandle file, long start)
{
    /// <summary>Where the next byte goes.</summary>
    public long Position { get; private set; } = start;

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // Classic TIFF wants directories and values on even offsets (TIFF 6.0 §2).
        Position += Position & 1;
        var at = Position;
        await RandomAccess.WriteAsync(file, bytes, at, cancellationToken);
        Position += bytes.Length;
        return at;
    }
}
