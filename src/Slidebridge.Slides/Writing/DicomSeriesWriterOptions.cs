namespace Slidebridge.Slides.Writing;

/// <summary>Options for writing a DICOM series.</summary>
public sealed record DicomSeriesWriterOptions
{
    /// <summary>Tile size, quality, pixel size, objective and levels; <see cref="PyramidWriterOptions.BigTiff"/> is ignored.</summary>
    public PyramidWriterOptions Pyramid { get; init; } = new();

    /// <summary>
    /// The same seed gives the same identifiers (UIDs) and, if <see cref="Created"/> is not set, the same dates: equal pixels give equal bytes.
    /// Null: new unique identifiers. Two different slides must not share a seed.
    /// </summary>
    public string? Seed { get; init; }

    /// <summary>When the slide was scanned. Null: now, or 1 January 2000 if there is a <see cref="Seed"/>.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The identifier on the slide's label; 1 to 64 characters.</summary>
    public string ContainerIdentifier { get; init; } = "SLIDE";

    /// <summary>The patient's number; empty if it is not known. At most 64 characters.</summary>
    public string PatientId { get; init; } = "";

    /// <summary>The picture of the label, written as a separate instance; null for none. It can show a patient's name.</summary>
    public Raster? Label { get; init; }

    /// <summary>The picture of the whole slide, written as a separate instance; null for none. It can show a patient's name.</summary>
    public Raster? Overview { get; init; }

    /// <summary>The pixels' colour profile; null for sRGB.</summary>
    public byte[]? IccProfile { get; init; }

    /// <summary>Previous lossy encodings of the pixels, in order (<see cref="LossyStep.FindAsync"/>); this writer's encoding is added. At most 8.</summary>
    public IReadOnlyList<LossyStep> LossySteps { get; init; } = [];

    /// <summary>True forces the Extended Offset Table, false the Basic one; null uses the extended one if a level's pixels could exceed 4 GB.</summary>
    public bool? ExtendedOffsetTable { get; init; }

    /// <summary>Throws if a setting is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Pyramid);
        Pyramid.Validate();
        CheckText(ContainerIdentifier, nameof(ContainerIdentifier), 1);
        CheckText(PatientId, nameof(PatientId), 0);
        CheckPicture(Label, nameof(Label));
        CheckPicture(Overview, nameof(Overview));
        if (LossySteps is null || LossySteps.Count > 8 || LossySteps.Any(step => step.Method is not { Length: > 0 and <= 16 } || step.Method.Contains('\\', StringComparison.Ordinal) || step.Ratio is not (> 0 and < 1e6)))
            throw new ArgumentOutOfRangeException(nameof(LossySteps), "DicomSeriesWriterOptions.LossySteps must be at most 8, each with a method of 1 to 16 characters and a ratio above 0.");
        if (IccProfile is { Length: 0 or > 16 * 1024 * 1024 }) throw new ArgumentOutOfRangeException(nameof(IccProfile), IccProfile.Length, "DicomSeriesWriterOptions.IccProfile must have 1 byte to 16 MiB.");
    }

    // LO: at most 64 characters, no backslash, no control characters. PS3.5 table 6.2-1.
    static void CheckText(string text, string setting, int least)
    {
        if (text is null || text.Length < least || text.Length > 64 || text.Any(letter => letter == '\\' || char.IsControl(letter)))
            throw new ArgumentOutOfRangeException(setting, $"DicomSeriesWriterOptions.{setting} must have {least} to 64 characters, without backslashes and control characters.");
    }

    static void CheckPicture(Raster? picture, string setting)
    {
        if (picture is not null && (picture.Width > ushort.MaxValue || picture.Height > ushort.MaxValue))
            throw new ArgumentOutOfRangeException(setting, $"{picture.Width}×{picture.Height}", $"DicomSeriesWriterOptions.{setting} must be at most 65535 pixels wide and high.");
    }
}
