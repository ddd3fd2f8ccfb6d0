using Slidebridge.Classifiers.Catalog;

namespace My_Classifier;

/// <summary>How the classifier works.</summary>
public sealed record ClassifierOptions
{
    /// <summary>The edge of a tile in its own pixels.</summary>
    public int TileSize { get; init; } = 256;

    /// <summary>Micrometres per pixel of a tile.</summary>
    public double Mpp { get; init; } = 0.5;

    /// <summary>The mean optical density from which a tile is dense. <c>settings</c> of <c>slidebridge.json</c> may set another: <c>{ "threshold": 0.3 }</c>.</summary>
    public double Threshold { get; init; } = 0.15;
}
