namespace Slidebridge.Fuzz.Running;

/// <summary>What a run does.</summary>
/// <param name="Cases">In all.</param>
/// <param name="Seconds">When no further batch begins; null for no limit.</param>
/// <param name="Workers">Processes.</param>
/// <param name="Format">Only its seeds; null for all.</param>
/// <param name="Seed">Only this; null for all.</param>
/// <param name="First">The number of each seed's first case.</param>
/// <param name="Save">Where inputs of findings go; null for nowhere.</param>
/// <param name="Native">Also lets mutated slides reach the machine's OpenSlide.</param>
sealed record FuzzOptions(long Cases, double? Seconds, int Workers, string? Format, string? Seed, long First, string? Save, bool Native);
