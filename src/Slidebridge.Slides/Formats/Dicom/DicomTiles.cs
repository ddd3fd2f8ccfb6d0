using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The tiles of one optical path and focal plane of an image: each tile is a frame, decoded by the codec of the transfer syntax.</summary>
sealed class DicomTiles : StoredTileSource
{
    readonly DicomLayer layer;
    readonly StoredTile described;

    /// <param name="layer">The optical path and focal plane.</param>
    /// <param name="index">The level's index, or -1 for an associated image.</param>
    /// <param name="full">Level 0's instance, for the downsample; the image's own instance for an associated image.</param>
    /// <param name="warnings">Receives warnings about doubtful pixels while tiles are read.</param>
    public static TileSource Of(DicomLayer layer, int index, DicomInstance full, SlideWarnings warnings) => LargeTiles.Of(new DicomTiles(layer, index, full, warnings));

    DicomTiles(DicomLayer layer, int index, DicomInstance full, SlideWarnings warnings)
        : base(LevelOf(layer.Image.Instance, index, full), layer.Image.Instance.Pixels.Codec, warnings)
    {
        this.layer = layer;
        described = new StoredTile(Pixels.Columns, Pixels.Rows, Pixels.Samples, Pixels.Color) { IsTransformed = Pixels.IsTransformed, IsSubsampled = Pixels.IsSubsampled };
        PrefetchBytes = layer.Image.Parts.Min(part => part.Object.Source.PrefetchBytes);
    }

    DicomInstance Instance => layer.Image.Instance;

    DicomPixels Pixels => Instance.Pixels;

    public override long PrefetchBytes { get; }

    public override void CheckDecodable()
    {
        var offset = Instance.Object.Pixels!.Value.Offset;
        if (Pixels.Codec is null) throw TileCodecs.Missing(Level.Compression, offset);
        if (Pixels.Unsupported is { } reason) throw new SlideFormatException($"{Name} is stored as {reason}.", offset, DicomTag.PhotometricInterpretation);
        CheckSize(offset, DicomTag.Columns);
    }

    protected override async ValueTask<TileLocation?> LocateAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (layer.Layout.FrameOf(tile) is not { } frame) return null;
        var found = await layer.Image.Index.LocateAsync(frame, cancellationToken);
        // No codec here makes a frame more than about twice its decoded size; a frame that claims more is an attack on memory.
        if (found.Length > Pixels.FrameBytes * 2 + 65536)
            throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row}, has {found.Length} encoded bytes for {Pixels.FrameBytes} bytes of pixels. The object is damaged.", found.Offset, DicomTag.PixelData);
        return found;
    }

    protected override ValueTask<StoredTile> DescribeAsync(TilePosition tile, CancellationToken cancellationToken) => new(described);

    protected override int Unwrap(Span<byte> bytes) => Instance.Object.Syntax.IsEncapsulated ? EncapsulatedFrames.Join(bytes) : bytes.Length;

    static Level LevelOf(DicomInstance instance, int index, DicomInstance full) => new(
        index, instance.Width, instance.Height, ((double)full.Width / instance.Width + (double)full.Height / instance.Height) / 2,
        instance.Pixels.Columns, instance.Pixels.Rows, instance.Object.Syntax.Compression);
}
