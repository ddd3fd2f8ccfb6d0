namespace Slidebridge.Fuzz.Seeds;

/// <summary>A true slide, or a text from outside, that is mutated.</summary>
/// <param name="Name">Unique; with a number it names a case: <c>tiff-lzw-tiled</c>.</param>
/// <param name="Format"><c>tiff</c>, <c>dicom</c>, <c>zip</c>, <c>webhook</c>, <c>results</c>, <c>lines</c> or <c>model</c>: seeds of one format are spliced into each other.</param>
/// <param name="Objects">What it is made of, one or more.</param>
sealed record Seed(string Name, string Format, IReadOnlyList<byte[]> Objects)
{
    // Above this a case takes tens of milliseconds: such a seed has fewer of them.
    const int Large = 256 * 1024, Often = 20;

    public int Length => Objects.Sum(bytes => bytes.Length);

    /// <summary>Cases of this seed for one of the largest.</summary>
    public int Weight => Length > Large ? 1 : Often;
}
