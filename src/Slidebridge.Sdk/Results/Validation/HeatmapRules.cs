using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>An annotation with a GeometryCollection is a heatmap: polygons, with their colours in the feature's properties.</summary>
static class HeatmapRules
{
    public static void Check(Node collection, Node properties)
    {
        const string Colors = "the heatmap's colours, a list of strings";
        if (properties.Required("contour_colors", Colors) is not { } colors) return;
        var count = 0;
        foreach (var color in colors.Elements(Colors))
        {
            count++;
            if (color.Text("a colour as a string") is { } text && colors.Problems.IsBridge && !IsColor(text)) color.Refuse("a colour as #RRGGBB");
        }
        if (colors.Kind is JsonValueKind.Array && colors.Problems is { IsBridge: true, Full: false }
            && collection.Optional("geometries") is { Kind: JsonValueKind.Array } polygons && polygons.Length != count)
            colors.Refuse($"a colour for each of the {polygons.Length} polygons");
    }

    static bool IsColor(string text) => text.Length == 7 && text[0] == '#' && text.Skip(1).All(char.IsAsciiHexDigit);
}
