namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>What makes scores of a model's numbers.</summary>
enum Activation
{
    /// <summary>They are scores.</summary>
    None,

    /// <summary>Logits of classes of which one holds.</summary>
    Softmax,

    /// <summary>Logits of classes that hold or not, each for itself.</summary>
    Sigmoid,

    /// <summary>No scores at all but the class's number.</summary>
    Classes,
}

/// <summary>Where a model's scores are.</summary>
/// <param name="Name">Of tiles and segmentation: the output's name; null for the only one.</param>
/// <param name="Activation">What makes scores of its numbers.</param>
/// <param name="ChannelsLast">Of segmentation: [N, height, width, classes]; else [N, classes, height, width].</param>
/// <param name="Boxes">Of detection.</param>
sealed record ModelOutput(string? Name, Activation Activation, bool ChannelsLast, BoxOutput? Boxes)
{
    /// <summary>The outputs that are fetched; empty for the only one.</summary>
    public IReadOnlyList<string> Names => Boxes is { } boxes ? [.. new[] { boxes.Name, boxes.Scores, boxes.Classes, boxes.Count }.OfType<string>()] : Name is null ? [] : [Name];
}

/// <summary>The four numbers of a box.</summary>
enum BoxFormat
{
    /// <summary>Left, top, right, bottom.</summary>
    Corners,

    /// <summary>Centre x, centre y, width, height.</summary>
    Centre,

    /// <summary>Left, top, width, height.</summary>
    TopLeft,
}

/// <summary>What follows the four numbers of a box in a tensor that holds all.</summary>
enum BoxColumns
{
    /// <summary>A score for each class.</summary>
    Scores,

    /// <summary>The score that there is anything, then a score for each class; they are multiplied.</summary>
    ObjectnessScores,

    /// <summary>One score and the class's number.</summary>
    ScoreClass,
}

/// <summary>Where a detector's boxes are.</summary>
/// <param name="Name">The output with the boxes; null for the only one.</param>
/// <param name="Format">What its four numbers are.</param>
/// <param name="IsNormalised">They are shares of the tile, not pixels.</param>
/// <param name="Columns">What follows the four numbers, where one output holds all.</param>
/// <param name="IsTransposed">[N, numbers, boxes] instead of [N, boxes, numbers]; null: as the sizes tell.</param>
/// <param name="Scores">The output with the scores, where it is another.</param>
/// <param name="Classes">The output with the classes' numbers, or null.</param>
/// <param name="Count">The output with how many boxes there are, or null.</param>
/// <param name="NmsIou">Of two boxes of a label that overlap more than this the better one stays; 1 where the model has seen to it.</param>
sealed record BoxOutput(
    string? Name, BoxFormat Format, bool IsNormalised, BoxColumns Columns, bool? IsTransposed, string? Scores, string? Classes, string? Count, double NmsIou);
