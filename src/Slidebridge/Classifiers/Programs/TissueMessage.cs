using System.Text.Json.Nodes;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A slide's tissue as programs receive it; all in level-0 pixels.</summary>
static class TissueMessage
{
    public static JsonObject Of(long id, TissueMask mask) => new()
    {
        ["type"] = "tissue",
        ["id"] = id,
        ["fraction"] = mask.TissueFraction,
        ["regions"] = new JsonArray([.. mask.Regions.Select(r => new JsonObject
        {
            ["outline"] = Ring(r.Outline), ["holes"] = new JsonArray([.. r.Holes.Select(Ring)]), ["area"] = r.AreaPixels,
        })]),
    };

    static JsonArray Ring(IReadOnlyList<SlidePoint> ring) => [.. ring.Select(p => new JsonArray(Math.Round(p.X, 2), Math.Round(p.Y, 2)))];
}
