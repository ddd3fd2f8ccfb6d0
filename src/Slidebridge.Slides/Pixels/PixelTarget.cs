namespace Slidebridge.Slides.Pixels;

/// <summary>A rectangle of the caller's pixel memory, as the destination of decoding.</summary>
/// <param name="Pixels">Starts at the rectangle's top left pixel; at least (Height − 1) × Stride + Width × bytes per pixel.</param>
/// <param name="Stride">Bytes from one row to the next.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Format">The channel order.</param>
readonly record struct PixelTarget(Memory<byte> Pixels, int Stride, int Width, int Height, PixelFormat Format)
{
    public int RowBytes => Width * Format.BytesPerPixel();

    public Span<byte> Row(int y) => Pixels.Span.Slice(y * Stride, RowBytes);

    /// <summary>A rectangle inside this one.</summary>
    public PixelTarget Cut(int x, int y, int width, int height) =>
        this with { Pixels = Pixels[(y * Stride + x * Format.BytesPerPixel())..], Width = width, Height = height };

    public void FillBackground()
    {
        for (var y = 0; y < Height; y++) Row(y).Fill(Format.Background());
    }

    /// <summary>Copies a rectangle of this size from a larger picture of the same format.</summary>
    public void CopyFrom(ReadOnlySpan<byte> source, int sourceStride, int x, int y)
    {
        var left = x * Format.BytesPerPixel();
        for (var row = 0; row < Height; row++) source.Slice((y + row) * sourceStride + left, RowBytes).CopyTo(Row(row));
    }
}
