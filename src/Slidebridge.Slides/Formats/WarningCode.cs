namespace Slidebridge.Slides.Formats;

/// <summary>The codes of <see cref="SlideWarning"/>: programs compare them, so they do not change. docs/formats.md explains each.</summary>
static class WarningCode
{
    /// <summary>Tiles that a smaller level does not store were made from a larger level.</summary>
    public const string TilesFilled = "tiles-filled";

    /// <summary>Tiles of level 0 have no bytes; they show as background.</summary>
    public const string TilesMissing = "tiles-missing";

    /// <summary>Lengths of tiles or strips that the slide does not give were computed.</summary>
    public const string LengthsComputed = "lengths-computed";

    /// <summary>The container and the encoded pixels disagree about their colours.</summary>
    public const string ColorsContradict = "colors-contradict";

    /// <summary>Channels that do not say which colours they are were taken for red, green and blue.</summary>
    public const string ColorsAssumed = "colors-assumed";

    /// <summary>The file holds further pictures or pyramids that are not shown.</summary>
    public const string OtherPictures = "other-pictures";

    /// <summary>A part of the file's structure is damaged; what stands before it is shown.</summary>
    public const string StructureDamaged = "structure-damaged";

    /// <summary>Objects beside the slide were left out.</summary>
    public const string ObjectsLeftOut = "objects-left-out";

    /// <summary>A picture beside the levels cannot be decoded.</summary>
    public const string PictureUnreadable = "picture-unreadable";

    /// <summary>The resolution was taken from a place that is not meant for it, or was given by the caller.</summary>
    public const string ResolutionDoubtful = "resolution-doubtful";

    /// <summary>The slide asks to be turned or mirrored; pixels are as stored.</summary>
    public const string Orientation = "orientation";

    /// <summary>More detail was asked for than the slide has.</summary>
    public const string Enlarged = "enlarged";
}
