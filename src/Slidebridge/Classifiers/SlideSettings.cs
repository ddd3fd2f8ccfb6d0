using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers;

/// <summary>
/// The settings that every classifier has, because they are about its slides:
/// <c>mpp</c>, micrometres per pixel, instead of the slides' own value; <c>allowUpsampling</c>; and <c>focalPlane</c>, the number of the plane that is read.
/// </summary>
static class SlideSettings
{
    const string Mpp = "mpp", AllowUpsampling = "allowUpsampling", FocalPlane = "focalPlane";

    // The maximum number of planes of a DICOM slide.
    const int MostPlanes = 4096;

    // From finer than light shows to as coarse as a microscope's overview.
    const double Finest = 0.01, Coarsest = 300;

    /// <summary>The valid range of micrometres per level-0 pixel, for a message.</summary>
    public static readonly string MppRange = string.Create(CultureInfo.InvariantCulture, $"a number from {Finest} to {Coarsest} (micrometres per level-0 pixel), such as 0.25");

    /// <summary>Whether a number of micrometres per level-0 pixel is possible.</summary>
    public static bool IsMpp(double mpp) => mpp is >= Finest and <= Coarsest;

    /// <summary>True for a setting that the classifier itself need not know.</summary>
    public static bool Has(string name) => name is Mpp or AllowUpsampling or FocalPlane;

    /// <summary>The options for a classifier's slide: labels and macro pictures, which may show a patient's name, are never fetched; and as the settings say.</summary>
    /// <exception cref="ClassifierException">A setting is invalid; the message names it.</exception>
    public static SlideOptions Apply(SlideOptions options, JsonObject? settings)
    {
        options = options with { WithholdLabels = true };
        if (settings?[Mpp] is { } mpp)
            options = mpp.GetValueKind() == JsonValueKind.Number && mpp.Deserialize<double>() is var size && IsMpp(size)
                ? options with { Mpp = new MicronsPerPixel(size, size) }
                : throw new ClassifierException($"The classifier's setting {Mpp} must be {MppRange}; it is {mpp.ToJsonString()}.");
        if (settings?[AllowUpsampling] is { } allow)
            options = allow.GetValueKind() is JsonValueKind.True or JsonValueKind.False
                ? options with { AllowUpsampling = allow.GetValueKind() is JsonValueKind.True }
                : throw new ClassifierException($"The classifier's setting {AllowUpsampling} must be true or false; it is {allow.ToJsonString()}.");
        if (settings?[FocalPlane] is { } plane)
            options = plane.GetValueKind() == JsonValueKind.Number && plane.AsValue().TryGetValue(out int number) && number is >= 0 and < MostPlanes
                ? options with { FocalPlane = number }
                : throw new ClassifierException($"The classifier's setting {FocalPlane} must be a whole number from 0 to {MostPlanes - 1}; it is {plane.ToJsonString()}.");
        return options;
    }
}
