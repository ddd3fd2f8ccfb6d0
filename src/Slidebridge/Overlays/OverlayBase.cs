using Slidebridge.Tasks;

namespace Slidebridge.Overlays;

/// <summary>A slide's small picture, and the size of the slide.</summary>
/// <param name="SlideWidth">Level-0 pixels.</param>
/// <param name="SlideHeight">Level-0 pixels.</param>
/// <param name="Jpeg">The picture, or null if the slide has none that can be read quickly.</param>
sealed record OverlayBase(int SlideWidth, int SlideHeight, byte[]? Jpeg)
{
    /// <summary>The picture that was stored with a task.</summary>
    public static OverlayBase? Of(ScanPicture? kept) => kept is null ? null : new(kept.SlideWidth, kept.SlideHeight, kept.Jpeg);
}
