namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The parts of an image in an OME-XML description that a slide needs. OME data model 2016-06, openmicroscopy.org.</summary>
sealed record OmeImage
{
    public string Name { get; init; } = "";

    /// <summary>Samples of all channels: 3 for one RGB channel, and also for three channels of one sample each.</summary>
    public int SizeC { get; init; }

    /// <summary>Points in time; at least 1.</summary>
    public int SizeT { get; init; } = 1;

    /// <summary>The stated colour of each channel: 0 red, 1 green, 2 blue; null if it is not stated, or another colour.</summary>
    public IReadOnlyList<int?> Primaries { get; init; } = [];

    public MicronsPerPixel? Mpp { get; init; }

    public double? ObjectivePower { get; init; }

    /// <summary>Focal planes; at least 1.</summary>
    public int SizeZ { get; init; } = 1;

    /// <summary>Micrometres from one focal plane to the next; null if not stated.</summary>
    public double? SpacingZ { get; init; }

    /// <summary>The page (IFD) of each plane of the first point in time, by focal plane and channel.</summary>
    public Dictionary<(int Z, int Channel), int> Pages { get; } = [];

    /// <summary>The number of pictures of one plane: the samples of one pixel are in one picture.</summary>
    public int ChannelsOf(int samples) => Math.Max(1, SizeC / Math.Max(1, samples));
}
