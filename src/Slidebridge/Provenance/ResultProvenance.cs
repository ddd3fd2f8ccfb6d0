using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Slidebridge.Slides;

namespace Slidebridge.Provenance;

/// <summary>
/// What exactly made a result: which version of the bridge and of the classifier, with which settings, on which slides, where and when. It contains no patient data, no URL and no token.
/// docs/operations.md explains each member for operators.
/// </summary>
sealed record ResultProvenance
{
    public required BridgeProvenance Bridge { get; init; }

    /// <summary>The classifier; absent in a report that the analysis failed.</summary>
    public ClassifierProvenance? Classifier { get; init; }

    public IReadOnlyList<SlideProvenance> Slides { get; init; } = [];

    /// <summary>The libraries that decode pixels, and their versions.</summary>
    public IReadOnlyDictionary<string, string> Decoders { get; init; } = new Dictionary<string, string>();

    /// <summary>The node that ran the classifier.</summary>
    public required string Worker { get; init; }

    /// <summary>The run's number among the task's runs: its fencing token.</summary>
    public required int Run { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When the classifier began and ended.</summary>
    public DateTimeOffset? ClassifiedFrom { get; init; }

    /// <inheritdoc cref="ClassifiedFrom"/>
    public DateTimeOffset? ClassifiedTo { get; init; }

    /// <summary>The result's JSON, without what <c>--post-provenance</c> adds.</summary>
    public required ResultHash Result { get; init; }

    /// <summary>What is saved and posted, if <c>--post-provenance</c> has added something; absent: <see cref="Result"/>.</summary>
    public ResultHash? Posted { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ProvenanceJson.Default.ResultProvenance);

    public static ResultProvenance Parse(byte[] json) => JsonSerializer.Deserialize(json, ProvenanceJson.Default.ResultProvenance)!;
}

/// <param name="Bytes">Length of the result's JSON.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal.</param>
sealed record ResultHash(long Bytes, string Sha256)
{
    public static ResultHash Of(byte[] json) => new(json.Length, Convert.ToHexStringLower(SHA256.HashData(json)));
}

/// <param name="Version">Semantic version.</param>
/// <param name="Commit">The Git commit that it was built from; absent if it was built without Git.</param>
/// <param name="Runtime">The .NET runtime, such as <c>.NET 10.0.1</c>.</param>
/// <param name="System">The platform, such as <c>linux-x64</c>.</param>
sealed record BridgeProvenance(string Version, string? Commit, string Runtime, string System)
{
    /// <summary>This process's bridge.</summary>
    public static BridgeProvenance Own { get; } = OfVersion(AssemblyVersion.Of(typeof(BridgeProvenance).Assembly) ?? "0.0.0");

    /// <summary>Such as <c>Slidebridge 1.2.0 (7b6bded)</c>.</summary>
    public override string ToString() => $"Slidebridge {Version}{(Commit is { } commit ? $" ({commit[..Math.Min(7, commit.Length)]})" : "")}";

    static BridgeProvenance OfVersion(string version)
    {
        var parts = version.Split('+', 2);
        return new(parts[0], parts.Length > 1 ? parts[1] : null, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
    }
}

/// <param name="Name">The name in routes and metrics.</param>
/// <param name="Kind"><c>onnx</c>, <c>python</c>, <c>exec</c> and so on; <c>csharp</c> for a class.</param>
/// <param name="Version">The version that the model file, the program, the settings or the assembly states.</param>
/// <param name="Files">The model, program or assembly, as it was when the classifier became ready.</param>
/// <param name="Changed">Files that have changed on disk since then, so that it is not certain which content was used.</param>
/// <param name="Server">The model server's host, if the model is not on this machine.</param>
/// <param name="Settings">The settings that the classifier received for this task. Values whose names suggest a secret are hidden.</param>
/// <param name="TaskTimeout">The time limit in force; absent: none.</param>
sealed record ClassifierProvenance(
    string Name, string Kind, string? Version, IReadOnlyList<FileProvenance> Files, IReadOnlyList<string>? Changed = null, string? Server = null, JsonObject? Settings = null, TimeSpan? TaskTimeout = null);

/// <param name="Name">The file's name without its folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal; absent if it could not be read.</param>
sealed record FileProvenance(string Name, long Bytes, string? Sha256);

/// <param name="Scan">The scan's id.</param>
/// <param name="Format">The slide's format, such as <c>aperio-svs</c>.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
/// <param name="MppX">Micrometres per level-0 pixel, as they were used; absent if the slide does not state them.</param>
/// <param name="MppY">Micrometres per level-0 pixel.</param>
/// <param name="ObjectivePower">The objective's magnification.</param>
/// <param name="Scanner">The technical properties: maker, model, serial number, software.</param>
/// <param name="Objects">The objects that the slide was opened from.</param>
/// <param name="Warnings">What was repaired, skipped or doubtful.</param>
sealed record SlideProvenance(
    string Scan, string Format, int Width, int Height, double? MppX, double? MppY, double? ObjectivePower, IReadOnlyDictionary<string, string> Scanner, IReadOnlyList<ObjectProvenance> Objects, IReadOnlyList<string> Warnings)
{
    /// <summary>Maximum characters of a technical property.</summary>
    const int LongestProperty = 200;

    public static SlideProvenance Of(string scan, Slide slide) => new(
        scan, slide.Format, slide.Width, slide.Height, slide.Mpp?.X, slide.Mpp?.Y, slide.ObjectivePower,
        slide.Properties.Where(p => TechnicalProperties.Contain(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal).ToDictionary(p => p.Key, p => p.Value[..Math.Min(LongestProperty, p.Value.Length)]),
        [.. slide.Objects.Select(each => new ObjectProvenance(each.Length, each.Version))], [.. slide.Warnings.Select(w => $"{w.Code}: {w.Message}")]);
}

/// <param name="Bytes">The object's length.</param>
/// <param name="Version">Its ETag; absent if the server states none.</param>
sealed record ObjectProvenance(long Bytes, string? Version);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResultProvenance))]
[JsonSerializable(typeof(IReadOnlyList<ScanLedger>))]
[JsonSerializable(typeof(string))]
sealed partial class ProvenanceJson : JsonSerializerContext;
