using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Provenance;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Units;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge inspect</c>: describes a slide.</summary>
static class InspectCommand
{
    public static Command Create()
    {
        var slide = new Argument<string>("SLIDE_OR_URL") { Description = "A slide's file or folder, or its http(s) URL." };
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        var check = new Option<bool>("--check") { Description = "For a URL, also check the index of all tiles, and one tile of each level, for missing or doubtful data. A file is always checked." };
        var phi = new Option<bool>("--phi") { Description = "Also show properties that may identify a patient: names, numbers, dates, barcodes, free text." };
        var command = new Command("inspect", """
            Shows a slide's size, levels, resolution and warnings.

            It also shows the associated images, and for a URL the number of requests and bytes. Warnings say what was repaired, skipped or
            found doubtful. Properties that may identify a patient are hidden.

            Examples:
              slidebridge inspect slide.svs
              slidebridge inspect slide.svs --json | jq .warnings
            """)
        { slide, json, check, phi };
        return command.Does((parsed, cancellationToken) => RunAsync(parsed.GetValue(slide)!, parsed.GetValue(json), parsed.GetValue(check), parsed.GetValue(phi), cancellationToken));
    }

    static async Task<int> RunAsync(string pathOrUrl, bool json, bool check, bool phi, CancellationToken cancellationToken)
    {
        await using var slide = await NamedSlide.OpenAsync(pathOrUrl, cancellationToken);
        if (check || !SlideUrl.IsHttp(pathOrUrl)) await slide.ExamineAsync(cancellationToken);
        var found = SlideJson.Of(slide, SlideUrl.IsHttp(pathOrUrl), phi);
        if (json) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(found, SlideJsonContext.Default.SlideJson));
        else Print(found);
        return 0;
    }

    static void Print(SlideJson slide)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{slide.Format}[/]  {slide.Width} × {slide.Height} pixels");
        AnsiConsole.MarkupLineInterpolated($"resolution  {(slide.Mpp is { } mpp ? Invariant($"{mpp.X:0.####} × {mpp.Y:0.####} µm/pixel") : "not recorded")}");
        AnsiConsole.MarkupLineInterpolated($"objective   {(slide.ObjectivePower is { } power ? Invariant($"{power:0.##}×") : "not recorded")}");

        var levels = new Table().AddColumns("level", "size", "downsample", "tile", "compression");
        foreach (var l in slide.Levels)
            levels.AddRow(l.Index.ToString(CultureInfo.InvariantCulture), $"{l.Width} × {l.Height}", Invariant($"{l.Downsample:0.##}"), $"{l.TileWidth} × {l.TileHeight}", Markup.Escape(l.Compression));
        AnsiConsole.Write(levels);

        if (slide.Bounds is { } bounds) AnsiConsole.MarkupLineInterpolated($"scanned     {bounds.Width} × {bounds.Height} from {bounds.X}, {bounds.Y}");
        foreach (var path in slide.OpticalPaths) AnsiConsole.MarkupLineInterpolated($"optical path {path.Identifier}  {path.Description}");
        if (slide.FocalPlanes.Count > 1) AnsiConsole.MarkupLineInterpolated($"focal planes {slide.FocalPlanes.Count}");
        foreach (var image in slide.AssociatedImages) AnsiConsole.MarkupLineInterpolated($"{image.Name}  {image.Width} × {image.Height}  {image.Compression}");
        foreach (var warning in slide.Warnings) AnsiConsole.MarkupLineInterpolated($"[yellow]warning[/]     {SlideWarningLines.Of(warning)}");
        foreach (var (name, value) in slide.Properties) AnsiConsole.MarkupLineInterpolated($"{PlainText.Line(name)}  {PlainText.Line(value)}");
        if (slide.HiddenProperties > 0) AnsiConsole.MarkupLineInterpolated($"{Counted.Text(slide.HiddenProperties, "property", "properties")} that may identify a patient: --phi shows them");
        if (slide.Requests is { } requests) AnsiConsole.MarkupLineInterpolated($"read with {Counted.Text(requests, "request")}, {slide.BytesRead} bytes");
    }

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A slide as <c>inspect --json</c> prints it; sizes in pixels, mpp in µm/pixel.</summary>
sealed record SlideJson(
    string Format, int Width, int Height, MicronsPerPixel? Mpp, double? ObjectivePower, SlideBounds? Bounds,
    IReadOnlyList<OpticalPath> OpticalPaths, IReadOnlyList<FocalPlane> FocalPlanes, IReadOnlyList<Level> Levels, IReadOnlyList<AssociatedImageJson> AssociatedImages,
    IReadOnlyDictionary<string, string> Properties, int HiddenProperties, IReadOnlyList<SlideWarning> Warnings, long? Requests, long? BytesRead)
{
    public static SlideJson Of(Slide slide, bool remote, bool phi)
    {
        var shown = slide.Properties.Where(property => phi || TechnicalProperties.Contain(property.Key)).OrderBy(property => property.Key, StringComparer.Ordinal).ToDictionary();
        return new(
            slide.Format, slide.Width, slide.Height, slide.Mpp, slide.ObjectivePower, slide.Bounds, slide.OpticalPaths, slide.FocalPlanes, slide.Levels,
            [.. slide.AssociatedImages.Values.Select(i => new AssociatedImageJson(i.Name, i.Width, i.Height, i.Compression))],
            shown, slide.Properties.Count - shown.Count, slide.Warnings, remote ? slide.Usage.Requests : null, remote ? slide.Usage.BytesRead : null);
    }
}

sealed record AssociatedImageJson(string Name, int Width, int Height, string Compression);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlideJson))]
sealed partial class SlideJsonContext : JsonSerializerContext;
