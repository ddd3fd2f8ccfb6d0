namespace Slidebridge.Slides.Formats;

/// <summary>The codes of <see cref="SlideWarning"/>. Programs compare them, so they do not change. docs/formats.md explains each.</summary>
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

    /// <summary>Channels without stated colours are shown as red, green and blue.</summary>
    public const string ColorsAssumed = "colors-assumed";

    /// <summary>The file contains further pictures or pyramids that are ignored.</summary>
    public const string OtherPictures = "other-pictures";

    /// <summary>A part of the file's structure is damaged; only the parts before it are used.</summary>
    public const string StructureDamaged = "structure-damaged";

    /// <summary>Objects that do not belong to the slide were left out.</summary>
    public const string ObjectsLeftOut = "objects-left-out";

    /// <summary>An associated image cannot be decoded.</summary>
    public const string PictureUnreadable = "picture-unreadable";

    /// <summary>The resolution was taken from a field for another purpose, or was given by the caller.</summary>
    public const string ResolutionDoubtful = "resolution-doubtful";

    /// <summary>The slide states that it should be turned or mirrored for display; pixels are as stored.</summary>
    public const string Orientation = "orientation";

    /// <summary>A resolution finer than the slide's was requested.</summary>
    public const string Enlarged = "enlarged";
}
