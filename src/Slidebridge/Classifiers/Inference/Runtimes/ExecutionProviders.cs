using Microsoft.ML.OnnxRuntime;
using Slidebridge.Classifiers.Inference.Description;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>ONNX Runtime's execution providers by the names of <c>runtime.providers</c>. The build of its library decides which are available.</summary>
static class ExecutionProviders
{
    static (string Runtime, Action<SessionOptions> Append) Of(string provider) => provider switch
    {
        "cpu" => ("CPUExecutionProvider", _ => { }), // Always available; ONNX Runtime itself tries it last.
        "cuda" => ("CUDAExecutionProvider", o => o.AppendExecutionProvider_CUDA()),
        "tensorrt" => ("TensorrtExecutionProvider", o => o.AppendExecutionProvider_Tensorrt()),
        "openvino" => ("OpenVINOExecutionProvider", o => o.AppendExecutionProvider_OpenVINO()),
        "rocm" => ("ROCMExecutionProvider", o => o.AppendExecutionProvider_ROCm()),
        "migraphx" => ("MIGraphXExecutionProvider", o => o.AppendExecutionProvider_MIGraphX()),
        "coreml" => ("CoreMLExecutionProvider", o => o.AppendExecutionProvider_CoreML()),
        "directml" => ("DmlExecutionProvider", o => o.AppendExecutionProvider_DML()),
        "dnnl" => ("DnnlExecutionProvider", o => o.AppendExecutionProvider_Dnnl()),
        "xnnpack" => ("XnnpackExecutionProvider", o => o.AppendExecutionProvider("XNNPACK")),
        _ => throw new ArgumentException($"There is no execution provider {provider}.", nameof(provider)),
    };

    /// <summary>The providers of this build, by the names of <c>runtime.providers</c>.</summary>
    public static IReadOnlyList<string> Available
    {
        get
        {
            var there = OrtEnv.Instance().GetAvailableProviders();
            return [.. RuntimeOptions.KnownProviders.Where(p => there.Contains(Of(p).Runtime))];
        }
    }

    /// <summary>Refuses a provider that this build does not have.</summary>
    /// <exception cref="ModelFileException">A provider is missing; the message names the available ones.</exception>
    public static void Check(ModelFile file)
    {
        foreach (var provider in file.Runtime.Providers)
            if (!Available.Contains(provider)) throw new ModelFileException($"{file.File}: runtime.providers names {provider}, which this build of ONNX Runtime does not have; it has {string.Join(", ", Available)}.");
    }

    public static void Append(SessionOptions options, string provider) => Of(provider).Append(options);
}
