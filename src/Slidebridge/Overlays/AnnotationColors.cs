using SkiaSharp;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Overlays;

/// <summary>A colour for each type of annotation, in the order in which the types appear.</summary>
sealed class AnnotationColors
{
    /// <summary>Colours that differ from each other and from pink and purple tissue.</summary>
    static readonly SKColor[] Palette = [new(0, 150, 60), new(0, 90, 220), new(230, 120, 0), new(0, 160, 170), new(190, 20, 20), new(90, 90, 0)];

    readonly Dictionary<string, SKColor> colors = [];

    /// <summary>The shape's own colour if it has one, else its type's.</summary>
    public SKColor Of(FoundShape shape)
    {
        if (shape.Color is not null && SKColor.TryParse(shape.Color, out var own)) return own;
        return colors.TryGetValue(shape.Type, out var color) ? color : colors[shape.Type] = Palette[colors.Count % Palette.Length];
    }
}
