namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>How a model's numbers become scores.</summary>
enum Activation
{
    /// <summary>They already are scores.</summary>
    None,

    /// <summary>Logits of classes that exclude each other.</summary>
    Softmax,

    /// <summary>Logits of independent classes.</summary>
    Sigmoid,

    /// <summary>Not scores, but the class's number.</summary>
    Classes,
}

/// <summary>The layout of a model's scores.</summary>
/// <param name="Name">For tiles and segmentation: the output's name; null for the only one.</param>
/// <param name="Activation">How the numbers become scores.</param>
/// <param name="ChannelsLast">For segmentation: [N, height, width, classes]; else [N, classes, height, width].</param>
/// <param name="Boxes">For detection.</param>
sealed record ModelOutput(string? Name, Activation Activation, bool ChannelsLast, BoxOutput? Boxes)
{
    /// <summary>The outputs to fetch; empty for the only one.</summary>
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

/// <summary>The numbers after the four of a box, in a tensor that contains everything.</summary>
enum BoxColumns
{
    /// <summary>A score for each class.</summary>
    Scores,

    /// <summary>The score that there is any object, then a score for each class; the product is used.</summary>
    ObjectnessScores,

    /// <summary>One score and the class's number.</summary>
    ScoreClass,
}

/// <summary>The layout of a detector's boxes.</summary>
/// <param name="Name">The output with the boxes; null for the only one.</param>
/// <param name="Format">The meaning of a box's four numbers.</param>
/// <param name="IsNormalised">The numbers are fractions of the tile, not pixels.</param>
/// <param name="Columns">What follows the four numbers, if one output contains everything.</param>
/// <param name="IsTransposed">[N, numbers, boxes] instead of [N, boxes, numbers]; null: from the sizes.</param>
/// <param name="Scores">The output with the scores, if it is a separate one.</param>
/// <param name="Classes">The output with the classes' numbers, or null.</param>
/// <param name="Count">The output with the number of boxes, or null.</param>
/// <param name="NmsIou">Of two boxes of a label that overlap more than this, only the better one is kept; 1 if the model does this itself.</param>
sealed record BoxOutput(
    string? Name, BoxFormat Format, bool IsNormalised, BoxColumns Columns, bool? IsTransposed, string? Scores, string? Classes, string? Count, double NmsIou);
