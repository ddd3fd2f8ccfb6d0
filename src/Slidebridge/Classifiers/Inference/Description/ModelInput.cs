namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>Which tiles a model is given, and how their pixels lie in its input tensor.</summary>
/// <param name="Name">The input's name; null for the only one.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Overlap">Pixels that neighbours share.</param>
/// <param name="Resolution">The pixels' size.</param>
/// <param name="AllowUpsampling">Slides may be enlarged to more than twice the detail that they have.</param>
/// <param name="Tissue">The share of a tile that must be tissue, 0 to read all tiles.</param>
/// <param name="Batch">Tiles at a time.</param>
/// <param name="ChannelsLast">NHWC; else NCHW.</param>
/// <param name="IsBgr">Blue first.</param>
/// <param name="Normalisation">From bytes to the tensor's numbers; null where the file says nothing of it.</param>
sealed record ModelInput(
    string? Name, int Width, int Height, int Overlap, TileResolution Resolution, bool AllowUpsampling, double Tissue, int Batch, bool ChannelsLast, bool IsBgr, Normalisation? Normalisation);

/// <summary>The size of a model's pixels: one of the three.</summary>
readonly record struct TileResolution(double? Mpp, double? Downsample, int? Level);

/// <summary>A channel's number is (byte × Scale − Mean) ÷ Deviation. The means and deviations are in the order red, green, blue.</summary>
sealed record Normalisation(double Scale, float[] Mean, float[] Deviation)
{
    /// <summary>0 to 1: what a model of floating point is given where its file says nothing.</summary>
    public static Normalisation Default { get; } = new(1 / 255.0, [0, 0, 0], [1, 1, 1]);

    /// <summary>The bytes stay as they are.</summary>
    public bool IsNone => Scale == 1 && Mean.All(m => m == 0) && Deviation.All(d => d == 1);

    /// <summary>By byte, the number it becomes in a channel.</summary>
    public float[] TableOf(int channel) => [.. Enumerable.Range(0, 256).Select(value => (float)((value * Scale - Mean[channel]) / Deviation[channel]))];
}
