namespace Slidebridge.Slides;

/// <summary>The requested detail is more than twice the slide's: most of the pixels would be interpolated. The message contains both resolutions.</summary>
/// <param name="message">The slide's resolution, the requested one, and what to do.</param>
public sealed class SlideResolutionException(string message) : SlidebridgeException(message)
{
    /// <inheritdoc/>
    public override string PlainMessage => "The slide was not scanned at the magnification that the analysis needs.";
}
