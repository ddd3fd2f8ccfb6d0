namespace Slidebridge.Slides;

/// <summary>Where an associated image lies in a slide's objects.</summary>
/// <param name="Name">OpenSlide's name for it: <c>label</c>, <c>macro</c>, <c>thumbnail</c>.</param>
/// <param name="Object">The <see cref="SlideObjectUsage.Number"/> of the object that contains it.</param>
/// <param name="Bytes">The bytes of its pixels: sorted ranges that neither overlap nor touch, in bytes from the object's start. If it is packed with other bytes (deflated in a zip), they are included.</param>
public sealed record SlidePart(string Name, int Object, IReadOnlyList<ByteRange> Bytes);
