namespace Slidebridge.Slides;

/// <summary>More detail was asked for than a slide has: more than half of each pixel would be invented. The message has both resolutions.</summary>
/// <param name="message">What the slide has, what was asked for, and what to do.</param>
public sealed class SlideResolutionException(string message) : SlidebridgeException(message)
{
    /// <inheritdoc/>
    public override string PlainMessage => "The slide was not scanned at the magnification that the analysis needs.";
}
