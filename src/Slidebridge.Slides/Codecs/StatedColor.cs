namespace Slidebridge.Slides.Codecs;

/// <summary>What a tile's own bytes state about the meaning of its three samples per pixel, compared with the container.</summary>
/// <param name="Color">Rgb, YCbCr, or Unknown if they state nothing.</param>
/// <param name="IsDoubtful">True if the tile and the container contradict each other, or if the container's statement is often wrong: the pixels must then decide.</param>
readonly record struct StatedColor(StoredColor Color, bool IsDoubtful)
{
    /// <summary>Compares the stream's statement with the container's.</summary>
    public static StatedColor Of(StoredColor stream, StoredColor container) =>
        new(stream, stream != container && stream is StoredColor.Rgb or StoredColor.YCbCr && container is StoredColor.Rgb or StoredColor.YCbCr);
}
