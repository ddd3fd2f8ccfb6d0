namespace Slidebridge.Sdk;

/// <summary>A scan's stain as the platform names it.</summary>
/// <param name="Value">The stain's value, such as <c>he</c>.</param>
/// <param name="Code">The laboratory's stain code, or null.</param>
/// <param name="Label">The name shown to people, or null.</param>
public sealed record Stain(string Value, string? Code = null, string? Label = null);
