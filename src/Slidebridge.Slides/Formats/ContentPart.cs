namespace Slidebridge.Slides.Formats;

/// <summary>Where an associated image lies.</summary>
/// <param name="Name">label, macro, thumbnail.</param>
/// <param name="Source">The object of the slide, or the entry of a zip, that contains it.</param>
/// <param name="Bytes">The bytes of its pixels there, merged.</param>
sealed record ContentPart(string Name, ByteSource Source, IReadOnlyList<ByteRange> Bytes);
