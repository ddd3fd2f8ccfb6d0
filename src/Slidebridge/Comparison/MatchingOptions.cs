namespace Slidebridge.Comparison;

/// <summary>When two objects of the same class and scan are the same object.</summary>
/// <param name="Iou">Two polygons: the least quotient of the area of their intersection and the area of their union, above 0, at most 1.</param>
/// <param name="Within">A point and another object: the largest distance of their centres, level-0 pixels.</param>
sealed record MatchingOptions(double Iou = MatchingOptions.UsualIou, double Within = MatchingOptions.UsualWithin)
{
    /// <summary>The usual threshold of detection benchmarks, such as PASCAL VOC.</summary>
    public const double UsualIou = 0.5;

    /// <summary>Level-0 pixels: half of a nucleus at 0.25 µm per pixel.</summary>
    public const double UsualWithin = 15;
}
