using Slidebridge.Sdk;
using Slidebridge.Storage;

namespace Slidebridge.Tasks;

/// <summary>A <see cref="Slides.SlideWarning"/> as it is stored.</summary>
sealed class ScanWarning
{
    public required string Code { get; init; }

    public required string Message { get; init; }
}

/// <summary>One scan of a task.</summary>
sealed class TaskScan
{
    /// <summary>The platform's scan id, decimal digits.</summary>
    public required string ScanId { get; init; }

    /// <summary>Every URL of the scan; the one of the request's <c>scans</c> is first. Not stored with the scan: <see cref="TaskVault.Unlock"/> fills it.</summary>
    public List<string> Urls { get; set; } = [];

    public string? StainValue { get; init; }

    public string? StainCode { get; init; }

    public string? StainLabel { get; init; }

    /// <summary>What was repaired, skipped or doubtful in the scan's slide, in all runs.</summary>
    public List<ScanWarning> Warnings
    {
        get => warnings;
        init => warnings = value ?? []; // Null: a row of a version that stored no warnings.
    }

    readonly List<ScanWarning> warnings = [];

    public Stain? Stain => StainValue is null ? null : new Stain(StainValue, StainCode, StainLabel);
}
