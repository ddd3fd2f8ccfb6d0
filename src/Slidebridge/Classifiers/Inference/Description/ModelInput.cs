namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>The tiles for a model, and the layout of their pixels in its input tensor.</summary>
/// <param name="Name">The input's name; null for the only one.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Overlap">Pixels that neighbouring tiles share.</param>
/// <param name="Resolution">The size of a pixel.</param>
/// <param name="AllowUpsampling">Slides may be enlarged to more than twice their detail.</param>
/// <param name="Tissue">The minimum share of tissue of a tile that is read; 0 reads all tiles.</param>
/// <param name="Batch">Tiles per batch.</param>
/// <param name="ChannelsLast">NHWC; else NCHW.</param>
/// <param name="IsBgr">Blue first.</param>
/// <param name="Normalisation">From bytes to the tensor's numbers; null if the file does not say.</param>
sealed record ModelInput(
    string? Name, int Width, int Height, int Overlap, TileResolution Resolution, bool AllowUpsampling, double Tissue, int Batch, bool ChannelsLast, bool IsBgr, Normalisation? Normalisation);

/// <summary>The size of a model's pixels: one of the three.</summary>
readonly record struct TileResolution(double? Mpp, double? Downsample, int? Level);

/// <summary>A channel's number is (byte × Scale − Mean) ÷ Deviation. The means and deviations are in the order red, green, blue.</summary>
sealed record Normalisation(double Scale, float[] Mean, float[] Deviation)
{
    /// <summary>0 to 1: the default for a floating point model.</summary>
    public static Normalisation Default { get; } = new(1 / 255.0, [0, 0, 0], [1, 1, 1]);

    /// <summary>The bytes do not change.</summary>
    public bool IsNone => Scale == 1 && Mean.All(m => m == 0) && Deviation.All(d => d == 1);

    /// <summary>The channel's number for each byte value.</summary>
    public float[] TableOf(int channel) => [.. Enumerable.Range(0, 256).Select(value => (float)((value * Scale - Mean[channel]) / Deviation[channel]))];
}
