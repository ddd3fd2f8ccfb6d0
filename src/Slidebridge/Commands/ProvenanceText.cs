using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slidebridge.Provenance;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>What made a result, as text for an operator.</summary>
static class ProvenanceText
{
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="made">The record.</param>
    /// <param name="title">Such as <c>result made</c>.</param>
    /// <param name="output">Receives the lines.</param>
    public static void Write(ResultProvenance made, string title, TextWriter output)
    {
        output.WriteLine($"{title} by {made.Bridge} on {made.Bridge.Runtime}, {made.Bridge.System}, node {Line(made.Worker)}, run {made.Run}{(made is { ClassifiedFrom: { } from, ClassifiedTo: { } to } ? $", {TaskText.At(from)} to {TaskText.At(to)}" : "")}");
        if (made.Classifier is { } classifier) Write(classifier, output);
        foreach (var slide in made.Slides) Write(slide, output);
        foreach (var (name, version) in made.Decoders) output.WriteLine($"  decoder {name}: {version}");
        output.WriteLine($"  result: {Counted.Text(made.Result.Bytes, "byte")}, SHA-256 {made.Result.Sha256}");
    }

    static void Write(ClassifierProvenance classifier, TextWriter output)
    {
        output.WriteLine($"  classifier {Line(classifier.Name)} ({classifier.Kind}){(classifier.Version is { } version ? $", version {Line(version)}" : ", of no stated version")}{(classifier.Server is { } server ? $", on {Line(server)}" : "")}");
        foreach (var file in classifier.Files) output.WriteLine($"    {Line(file.Name)}: {(file.Sha256 is null ? "could not be read" : $"{Counted.Text(file.Bytes, "byte")}, SHA-256 {file.Sha256}")}");
        if (classifier.Changed is { } changed) output.WriteLine($"    changed on disk since the classifier started: {string.Join(", ", changed.Select(Line))}");
        if (classifier.Settings is { } settings) output.WriteLine($"    settings: {Line(settings.ToJsonString(Readable))}");
    }

    static void Write(SlideProvenance slide, TextWriter output)
    {
        var mpp = slide is { MppX: { } x, MppY: { } y } ? string.Create(CultureInfo.InvariantCulture, $", {x:0.####} × {y:0.####} µm/pixel") : "";
        output.WriteLine($"  scan {slide.Scan}: {slide.Format}, {slide.Width} × {slide.Height}{mpp}");
        foreach (var (name, value) in slide.Scanner.Where(property => IsOfScanner(property.Key))) output.WriteLine($"    {name}: {Line(value)}");
        foreach (var (number, each) in slide.Objects.Index()) output.WriteLine($"    object {number + 1}: {Counted.Text(each.Bytes, "byte")}{(each.Version is { } version ? $", ETag {Line(version)}" : ", without an ETag")}");
        foreach (var warning in slide.Warnings) output.WriteLine($"    warning: {Line(warning)}");
    }

    static bool IsOfScanner(string name) => name is "aperio.ScanScope ID" or "dicom.Manufacturer" or "dicom.ManufacturerModelName" or "dicom.SoftwareVersions" or "dicom.DeviceSerialNumber" or "tiff.Make" or "tiff.Model" or "tiff.Software" or "openslide.vendor";

    static string Line(string text) => PlainText.Line(text);
}
