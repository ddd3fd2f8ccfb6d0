namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>Reads <c>input:</c>.</summary>
static class InputReader
{
    const string Sizes = "pixels from 1 to 8192, one number or [width, height]";

    public static ModelInput Read(YamlMap root, ModelKind kind)
    {
        var map = root.RequiredMap("input", "the tiles for the model");
        var (width, height) = Size(map);
        var overlap = map.Whole("overlap", 0, Math.Min(width, height) / 2, "a whole number of pixels, at most half a tile") ?? (kind == ModelKind.Tiles ? 0 : Math.Min(width, height) / 8 / 2 * 2);
        var input = new ModelInput(
            map.Text("name"), width, height, overlap, Resolution(map),
            map.Flag("allowUpsampling") ?? false,
            map.Number("tissue", 0, 1, "the share of a tile that must be tissue, 0 to 1; 0 reads all tiles") ?? 0.05,
            map.Whole("batch", 1, 4096, "a whole number from 1 to 4096") ?? 16,
            map.OneOf("layout", ("NCHW", false), ("NHWC", true)) ?? false,
            map.OneOf("channels", ("RGB", false), ("BGR", true)) ?? false,
            Normal(map));
        map.End();
        return input;
    }

    static (int Width, int Height) Size(YamlMap map)
    {
        if (!map.Has("size")) throw map.Missing("size", "the tile's edge in pixels, or [width, height]");
        IReadOnlyList<double> sizes;
        try
        {
            sizes = map.Numbers("size", 1, 8192, Sizes)!;
        }
        catch (ModelFileException)
        {
            var edge = map.Whole("size", 1, 8192, Sizes)!.Value;
            return (edge, edge);
        }
        return sizes.Count == 2 && sizes.All(s => s == Math.Floor(s)) ? ((int)sizes[0], (int)sizes[1]) : throw map.Wrong("size", Sizes);
    }

    static TileResolution Resolution(YamlMap map)
    {
        var resolution = new TileResolution(
            map.Number("mpp", 0.01, 1000, "micrometres per pixel, from 0.01 to 1000"),
            map.Number("downsample", 1 / 64.0, 1e6, "level-0 pixels per pixel of the model, above 0"),
            map.Whole("level", 0, 100, "a level's number, from 0"));
        var given = (resolution.Mpp is null ? 0 : 1) + (resolution.Downsample is null ? 0 : 1) + (resolution.Level is null ? 0 : 1);
        return given switch
        {
            0 => throw map.Missing("mpp", "the micrometres per pixel that the model was trained at (or downsample, or level)"),
            1 => resolution,
            _ => throw map.Fail(resolution.Downsample is null ? "level" : "downsample", "is a second resolution: give only one of mpp, downsample and level"),
        };
    }

    static Normalisation? Normal(YamlMap map)
    {
        var isGiven = map.Has("scale") | map.Has("mean") | map.Has("std");
        const string PerChannel = "a number, or three in the order red, green, blue";
        var scale = map.Text("scale") switch
        {
            null => 1 / 255.0,
            "1/255" => 1 / 255.0,
            _ => map.Number("scale", 1e-9, 1e9, "a number above 0, or 1/255")!.Value,
        };
        var deviation = map.Channels("std", PerChannel) ?? [1, 1, 1];
        var normalisation = deviation.All(d => d > 0) ? new Normalisation(scale, map.Channels("mean", PerChannel) ?? [0, 0, 0], deviation) : throw map.Wrong("std", "above 0");
        return isGiven ? normalisation : null;
    }
}
