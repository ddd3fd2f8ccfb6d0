namespace Slidebridge.Slides;

/// <summary>A label, a macro picture or their bytes were to be read, although <see cref="SlideOptions.WithholdLabels"/> is set: they may show a patient's name.</summary>
/// <param name="message">What is withheld, why, and by which setting.</param>
public sealed class SlideWithheldException(string message) : SlidebridgeException(message)
{
    /// <inheritdoc/>
    public override string PlainMessage => "The analysis needs the slide's label or macro picture, which are withheld because they may show a patient's name.";

    /// <summary>For an associated image.</summary>
    internal static SlideWithheldException Of(string name) => new($"The {name} is withheld: it may show a patient's name. (SlideOptions.WithholdLabels)");

    /// <summary>For a file without a slide.</summary>
    internal static SlideWithheldException Only() => new("The file contains no slide, only a label or macro picture, which is withheld: it may show a patient's name. (SlideOptions.WithholdLabels)");

    /// <summary>True for the associated images that may show a patient's name.</summary>
    internal static bool Concerns(string name) => name is "label" or "macro";
}
