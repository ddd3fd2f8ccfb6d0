namespace Slidebridge.Slides.Codecs;

/// <summary>What a tile's own bytes say of the meaning of its three samples a pixel, beside what its container says.</summary>
/// <param name="Color">Rgb, YCbCr, or Unknown where they say nothing.</param>
/// <param name="IsDoubtful">True where both cannot be right, or where what the container says is often wrong: the pixels themselves must tell.</param>
readonly record struct StatedColor(StoredColor Color, bool IsDoubtful)
{
    /// <summary>The stream's word against the container's.</summary>
    public static StatedColor Of(StoredColor stream, StoredColor container) =>
        new(stream, stream != container && stream is StoredColor.Rgb or StoredColor.YCbCr && container is StoredColor.Rgb or StoredColor.YCbCr);
}
