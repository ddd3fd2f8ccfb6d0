using System.Text.Json.Serialization;

namespace Slidebridge.Comparison;

/// <summary>What two results say of one class, or of all classes together.</summary>
/// <param name="Name">The class.</param>
/// <param name="A">Objects of the first result: the truth, or before.</param>
/// <param name="B">Objects of the second result.</param>
/// <param name="Matched">Objects that both have, one to one.</param>
/// <param name="AreaOfA">Square level-0 pixels that the polygons of the first result cover.</param>
/// <param name="AreaOfB">The same of the second result.</param>
/// <param name="AreaShared">Square level-0 pixels that both cover.</param>
/// <param name="RowHeight">Level-0 pixels: areas are sampled in rows of this height.</param>
sealed record ClassComparison(
    [property: JsonPropertyName("class")] string Name,
    [property: JsonPropertyName("a")] long A,
    [property: JsonPropertyName("b")] long B,
    [property: JsonPropertyName("matched")] long Matched,
    [property: JsonPropertyName("areaOfA")] double AreaOfA,
    [property: JsonPropertyName("areaOfB")] double AreaOfB,
    [property: JsonPropertyName("areaShared")] double AreaShared,
    [property: JsonPropertyName("rowHeight")] double RowHeight)
{
    /// <summary>Objects that only the first result has.</summary>
    [JsonPropertyName("onlyInA")]
    public long OnlyInA => A - Matched;

    /// <summary>Objects that only the second result has.</summary>
    [JsonPropertyName("onlyInB")]
    public long OnlyInB => B - Matched;

    /// <summary>The part of the second result's objects that the first has too; null without objects.</summary>
    [JsonPropertyName("precision")]
    public double? Precision => Quotient(Matched, B);

    /// <summary>The part of the first result's objects that the second has too; null without objects.</summary>
    [JsonPropertyName("recall")]
    public double? Recall => Quotient(Matched, A);

    /// <summary>The harmonic mean of precision and recall; null without objects.</summary>
    [JsonPropertyName("f1")]
    public double? F1 => Quotient(2.0 * Matched, A + B);

    /// <summary>Twice the shared area divided by the sum of both; null without polygons.</summary>
    [JsonPropertyName("dice")]
    public double? Dice => Quotient(2 * AreaShared, AreaOfA + AreaOfB);

    /// <summary>The sum of several.</summary>
    public static ClassComparison Sum(string name, IReadOnlyCollection<ClassComparison> all) => new(
        name, all.Sum(each => each.A), all.Sum(each => each.B), all.Sum(each => each.Matched),
        all.Sum(each => each.AreaOfA), all.Sum(each => each.AreaOfB), all.Sum(each => each.AreaShared), all.Select(each => each.RowHeight).DefaultIfEmpty(1.0 / Objects.ShapeBuffer.Parts).Max());

    /// <summary>Compares the objects of one class of one scan.</summary>
    /// <exception cref="ComparisonException">Too many objects overlap.</exception>
    public static ClassComparison Of(string name, ClassShapes a, ClassShapes b, MatchingOptions options, CancellationToken cancellationToken)
    {
        var height = RowSpans.HeightFor(a, b);
        RowSpans spansOfA = new(a, height, cancellationToken), spansOfB = new(b, height, cancellationToken);
        var matched = ObjectMatching.Find(a, spansOfA, b, spansOfB, options, cancellationToken).A.Count(isMatched => isMatched);
        List<RowSpan> unionOfA = spansOfA.Union(), unionOfB = spansOfB.Union();
        double AreaOf(long length) => spansOfA.AreaOf(length);
        ReadOnlySpan<RowSpan> covered = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(unionOfA), other = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(unionOfB);
        return new ClassComparison(name, a.Count, b.Count, matched, AreaOf(RowSpans.Length(covered)), AreaOf(RowSpans.Length(other)), AreaOf(RowSpans.Shared(covered, other)), (double)height / Objects.ShapeBuffer.Parts);
    }

    static double? Quotient(double part, double whole) => whole == 0 ? null : part / whole;
}
