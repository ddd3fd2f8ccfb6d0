namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>One image of an OME-XML description, as far as a slide needs it. OME data model 2016-06, openmicroscopy.org.</summary>
sealed record OmeImage
{
    public string Name { get; init; } = "";

    /// <summary>Samples of all channels: 3 both for one RGB channel and for three of one sample each.</summary>
    public int SizeC { get; init; }

    /// <summary>Points in time; at least 1.</summary>
    public int SizeT { get; init; } = 1;

    /// <summary>What each channel says that it is: 0 red, 1 green, 2 blue; null where it does not say, or says another colour.</summary>
    public IReadOnlyList<int?> Primaries { get; init; } = [];

    public MicronsPerPixel? Mpp { get; init; }

    public double? ObjectivePower { get; init; }

    /// <summary>Focal planes; at least 1.</summary>
    public int SizeZ { get; init; } = 1;

    /// <summary>Micrometres from a focal plane to the next; null where nobody says.</summary>
    public double? SpacingZ { get; init; }

    /// <summary>The page (IFD) of each plane of the first point in time, by focal plane and channel.</summary>
    public Dictionary<(int Z, int Channel), int> Pages { get; } = [];

    /// <summary>Pictures of one plane: samples of one pixel are one picture.</summary>
    public int ChannelsOf(int samples) => Math.Max(1, SizeC / Math.Max(1, samples));
}
