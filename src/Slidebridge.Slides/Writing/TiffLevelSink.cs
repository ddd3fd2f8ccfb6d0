namespace Slidebridge.Slides.Writing;

/// <summary>Appends a level's tiles to the TIFF and keeps their index.</summary>
/// <param name="sink">The file.</param>
/// <param name="tiles">The level's number of tiles.</param>
/// <param name="pixels">The level's number of pixels.</param>
sealed class TiffLevelSink(TileSink sink, int tiles, long pixels) : ILevelSink
{
    // The tiles of a level up to this size (about a megabyte of JPEG) are kept in memory and written together at the end:
    // a reader then gets an overview in one request, instead of fetching tiles from the whole file.
    const long KeptPixels = 4L * 1024 * 1024;

    readonly List<(byte[] Jpeg, int Index)> kept = [];

    /// <summary>Offset of each tile, row by row.</summary>
    public long[] Offsets { get; } = new long[tiles];

    /// <summary>Bytes of each tile.</summary>
    public long[] ByteCounts { get; } = new long[tiles];

    public async ValueTask WriteAsync(int index, byte[] jpeg, CancellationToken cancellationToken)
    {
        ByteCounts[index] = jpeg.Length;
        if (pixels <= KeptPixels) kept.Add((jpeg, index));
        else Offsets[index] = await sink.AppendAsync(jpeg, cancellationToken);
    }

    /// <summary>Writes the kept tiles, after all rows of all levels.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var (jpeg, index) in kept) Offsets[index] = await sink.AppendAsync(jpeg, cancellationToken);
    }
}
