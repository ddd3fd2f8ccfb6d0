using SkiaSharp;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes a baseline JPEG by rows, through SkiaSharp: libturbojpeg's interface decodes only whole pictures.</summary>
sealed unsafe class JpegRows : IRowDecoder
{
    readonly SKData data;
    readonly SKCodec codec;
    readonly SKImageInfo info;
    readonly byte[] row;

    /// <param name="jpeg">A complete stream; it is copied.</param>
    /// <param name="width">The frame's width, or a half, a quarter or an eighth of it, rounded up.</param>
    /// <param name="height">The frame's height at the same reduction.</param>
    public JpegRows(ReadOnlySpan<byte> jpeg, int width, int height)
    {
        data = SKData.CreateCopy(jpeg);
        info = new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque, null);
        row = new byte[info.RowBytes];
        codec = SKCodec.Create(data);
        if (codec is not null && codec.StartScanlineDecode(info) == SKCodecResult.Success) return;
        Dispose();
        throw new SlideFormatException("the JPEG cannot be decoded: its header is damaged.");
    }

    public int Row { get; private set; }

    public void Skip(int rows)
    {
        if (rows > 0 && !codec.SkipScanlines(rows)) throw Short();
        Row += rows;
    }

    public void Read(PixelTarget target)
    {
        fixed (byte* to = row)
            for (var y = 0; y < target.Height; y++, Row++)
            {
                if (codec.GetScanlines((nint)to, 1, info.RowBytes) != 1) throw Short();
                var pixels = row.AsSpan(0, target.Width * 4);
                if (target.Format == PixelFormat.Rgb24) Channels.BgraToRgb(pixels, target.Row(y));
                else pixels.CopyTo(target.Row(y));
            }
    }

    public void Dispose()
    {
        codec?.Dispose();
        data.Dispose();
    }

    static SlideFormatException Short() => new("the JPEG ends before its last row. The slide is damaged or truncated.");
}
