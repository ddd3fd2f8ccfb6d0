namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>How a model is run.</summary>
/// <param name="Providers">ONNX Runtime's execution providers, the preferred one first.</param>
/// <param name="Threads">Threads of one run; 0: ONNX Runtime decides.</param>
/// <param name="Sessions">Batches at a time.</param>
/// <param name="Timeout">Time limit of one request to a model server.</param>
sealed record RuntimeOptions(IReadOnlyList<string> Providers, int Threads, int Sessions, TimeSpan Timeout)
{
    /// <summary>The names that <c>runtime.providers</c> may have.</summary>
    public static readonly IReadOnlyList<string> KnownProviders = ["cpu", "cuda", "tensorrt", "openvino", "rocm", "migraphx", "coreml", "directml", "dnnl", "xnnpack"];
}
