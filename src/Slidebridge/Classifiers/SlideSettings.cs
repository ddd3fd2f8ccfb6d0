using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers;

/// <summary>
/// The settings that every classifier has, whatever its kind, for they are about the slides that it is given:
/// <c>mpp</c>, the slides' micrometres per pixel whatever they say themselves, <c>allowUpsampling</c>, and <c>focalPlane</c>, the number of the plane that is read.
/// </summary>
static class SlideSettings
{
    const string Mpp = "mpp", AllowUpsampling = "allowUpsampling", FocalPlane = "focalPlane";

    // A DICOM slide has at most as many.
    const int MostPlanes = 4096;

    // As coarse as a microscope's overview is, and finer than light shows.
    const double Finest = 0.01, Coarsest = 300;

    /// <summary>What a slide's micrometres per level-0 pixel must be, for a message.</summary>
    public static readonly string MppRange = string.Create(CultureInfo.InvariantCulture, $"a number from {Finest} to {Coarsest} (micrometres per level-0 pixel), such as 0.25");

    /// <summary>Whether a slide can have so many micrometres per level-0 pixel.</summary>
    public static bool IsMpp(double mpp) => mpp is >= Finest and <= Coarsest;

    /// <summary>True for a setting that a classifier need not know.</summary>
    public static bool Has(string name) => name is Mpp or AllowUpsampling or FocalPlane;

    /// <summary>The options with what the settings say.</summary>
    /// <exception cref="ClassifierException">A setting cannot be; the message names it.</exception>
    public static SlideOptions Apply(SlideOptions options, JsonObject? settings)
    {
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
