namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>A nucleus of a slide.</summary>
/// <param name="X">Its centre in level-0 pixels.</param>
/// <param name="Y">Its centre in level-0 pixels.</param>
/// <param name="Clarity">How clear its rim is, at most 1.</param>
/// <param name="Density">The mean optical density of the nuclear stain inside.</param>
/// <param name="Marker">The mean optical density of DAB, or of eosin, inside.</param>
readonly record struct FoundNucleus(double X, double Y, float Clarity, float Density, float Marker);
