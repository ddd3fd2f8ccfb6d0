using System.Text.Json.Serialization;

namespace Slidebridge.Objects;

/// <summary>A cause for which objects are drawn in part, or not as they are written.</summary>
/// <param name="Cause">A short name, for programs.</param>
/// <param name="Count">How many objects.</param>
/// <param name="Text">A sentence for readers.</param>
sealed record Omission(
    [property: JsonPropertyName("cause")] string Cause,
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("text")] string Text);

/// <summary>Counts what could not be drawn as it is written.</summary>
sealed class Omissions
{
    public long Empty { get; set; }

    public long Outside { get; set; }

    public long PartlyOutside { get; set; }

    public long Moved { get; set; }

    public long Thinned { get; set; }

    /// <summary>Polygons whose outline crosses itself.</summary>
    public long Crossing { get; set; }

    /// <summary>Polygons that were not tested for that.</summary>
    public long NotTested { get; set; }

    public long Unnamed { get; set; }

    public long OtherClasses { get; set; }

    public long InOtherClasses { get; set; }

    public long Crowded { get; set; }

    public long Coarse { get; set; }

    public long ScoresOutOfRange { get; set; }

    public IReadOnlyList<Omission> List() =>
    [
        .. ((Omission[])
        [
            new("empty", Empty, $"{Objects(Empty)} without coordinates {Are(Empty)} left out."),
            new("outside", Outside, $"{Objects(Outside)} outside the slide {Are(Outside)} not drawn; the table lists {(Outside == 1 ? "it" : "them")}."),
            new("partly-outside", PartlyOutside, $"{Objects(PartlyOutside)} extend{S(PartlyOutside)} beyond the slide; only the part on the slide is drawn."),
            new("moved", Moved, $"{Objects(Moved)} with coordinates beyond {ShapeBuffer.Farthest:0} pixels: these coordinates were replaced by that limit."),
            new("thinned", Thinned, $"{Objects(Thinned)} {(Thinned == 1 ? "has" : "have")} more vertices than can be drawn and {Are(Thinned)} drawn with fewer."),
            new("crossing", Crossing, $"{Objects(Crossing)} {(Crossing == 1 ? "has an outline that crosses" : "have outlines that cross")} itself: what {(Crossing == 1 ? "it encloses" : "they enclose")} twice is not filled."),
            new("not-tested", NotTested, $"{Objects(NotTested)} {(NotTested == 1 ? "was" : "were")} not tested for outlines that cross themselves: an outline has more than {RingCrossing.MostVertices:N0} vertices, or is too intricate."),
            new("no-class", Unnamed, $"{Objects(Unnamed)} without a class {Are(Unnamed)} shown as {ClassNames.Unnamed}."),
            new("other-classes", OtherClasses, $"{OtherClasses} of the classes, with {Objects(InOtherClasses)}, are shown together as {ClassNames.Others}: at most {ClassNames.MostListed} classes are listed."),
            new("crowded", Crowded, $"{Objects(Crowded)} {Are(Crowded)} so close together that even at full resolution {(Crowded == 1 ? "it is" : "they are")} drawn as density."),
            new("coarse", Coarse, $"{Objects(Coarse)} {Are(Coarse)} too large to be drawn at every zoom: too many large objects lie on top of each other."),
            new("score-out-of-range", ScoresOutOfRange, $"{Objects(ScoresOutOfRange)} {(ScoresOutOfRange == 1 ? "has" : "have")} a score that is too large for a number of 32 bits; the score is ignored."),
        ]).Where(each => each.Count > 0),
    ];

    static string Objects(long count) => count == 1 ? "1 object" : FormattableString.Invariant($"{count:N0} objects");

    static string Are(long count) => count == 1 ? "is" : "are";

    static string S(long count) => count == 1 ? "s" : "";
}
