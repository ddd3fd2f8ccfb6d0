namespace Slidebridge.Slides;

/// <summary>An encoded tile for a viewer.</summary>
/// <param name="Bytes">The encoded picture.</param>
/// <param name="ContentType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="IsStored">True if these are the slide's own bytes, neither decoded nor encoded again.</param>
public sealed record DeepZoomTile(byte[] Bytes, string ContentType, bool IsStored);
