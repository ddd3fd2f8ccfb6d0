using System.Globalization;
using System.Threading.Channels;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;
using Slidebridge.Units;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Runs a model in this process with ONNX Runtime, directly on the batch's memory: input and output are not copied.</summary>
sealed class OnnxModel : IModel
{
    readonly ModelFile file;
    readonly List<InferenceSession> opened = [];
    readonly Channel<InferenceSession> free = Channel.CreateUnbounded<InferenceSession>();

    /// <summary>A model that is loaded on first use.</summary>
    /// <exception cref="ModelFileException">The file names a provider that is not available.</exception>
    public OnnxModel(ModelFile file)
    {
        this.file = file;
        ExecutionProviders.Check(file);
    }

    // Single-threaded runs share one session; with more threads each run needs its own session, otherwise runs would wait for each other's threads.
    int Sessions => file.Runtime.Threads == 1 ? 1 : file.Runtime.Sessions;

    /// <inheritdoc/>
    public string? Remark => null;

    /// <inheritdoc/>
    public string? Version => opened is [var first, ..] && first.ModelMetadata.Version is > 0 and < long.MaxValue and var version ? version.ToString(CultureInfo.InvariantCulture) : null;

    /// <inheritdoc/>
    public string? Server => null;

    /// <inheritdoc/>
    public async Task<ModelSignature> LoadAsync(CancellationToken cancellationToken)
    {
        if (opened.Count == 0) await Task.Run(Open, cancellationToken);
        return new ModelSignature([.. opened[0].InputMetadata.Select(Describe)], [.. opened[0].OutputMetadata.Select(Describe)]);
    }

    /// <inheritdoc/>
    public async Task<ModelOutputs> RunAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        if (Sessions == 1) return await Task.Run(() => Run(opened[0], batch, outputs, cancellationToken), cancellationToken);
        var session = await free.Reader.ReadAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Run(session, batch, outputs, cancellationToken), cancellationToken);
        }
        finally
        {
            free.Writer.TryWrite(session);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var session in opened) session.Dispose();
        opened.Clear();
        return default;
    }

    void Open()
    {
        try
        {
            for (var i = opened.Count; i < Sessions; i++)
            {
                using var options = Options();
                opened.Add(new InferenceSession(file.ModelPath!, options));
                free.Writer.TryWrite(opened[i]);
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new ClassifierException($"{file.File}: the model cannot be loaded: {Sentence(e)}", e);
        }
    }

    SessionOptions Options()
    {
        var options = new SessionOptions { IntraOpNumThreads = file.Runtime.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // Threads that spin while they wait take the CPU from the threads that decode tiles.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        foreach (var provider in file.Runtime.Providers) ExecutionProviders.Append(options, provider);
        return options;
    }

    static ModelOutputs Run(InferenceSession session, InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        using var run = new RunOptions();
        using var stop = cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, run);
        using var input = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TypeOf(batch.Tensor.Element), [.. batch.Shape], batch.Address, batch.Bytes.Length);
        try
        {
            var values = session.Run(run, [batch.Tensor.Name], [input], outputs);
            return new ModelOutputs([.. values.Select((value, i) => Tensor(outputs[i], value))], values);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClassifierException($"The model failed on a batch of {Counted.Text(batch.Count, "tile")}: {Sentence(e)}", e);
        }
    }

    static OutputTensor Tensor(string name, OrtValue value)
    {
        var description = value.GetTensorTypeAndShape();
        return description.ElementDataType switch
        {
            TensorElementType.Float => new RuntimeTensor(name, description.Shape, value),
            TensorElementType.Float16 => Copy<Float16>(static v => (float)v),
            TensorElementType.Double => Copy<double>(static v => (float)v),
            TensorElementType.UInt8 => Copy<byte>(static v => v),
            TensorElementType.Int32 => Copy<int>(static v => v),
            TensorElementType.Int64 => Copy<long>(static v => v),
            var type => throw new ClassifierException($"The model's output '{name}' has the type {type}, but must be numbers."),
        };

        ArrayTensor Copy<T>(Func<T, float> convert) where T : unmanaged
        {
            var from = value.GetTensorDataAsSpan<T>();
            var to = new float[from.Length];
            for (var i = 0; i < to.Length; i++) to[i] = convert(from[i]);
            return new ArrayTensor(name, description.Shape, to);
        }
    }

    static TensorSignature Describe(KeyValuePair<string, NodeMetadata> node) => new(node.Key, node.Value.IsTensor ? ElementOf(node.Value.ElementDataType) : Element.Other,
        node.Value.IsTensor ? [.. node.Value.Dimensions.Select(d => (long)d)] : []);

    static Element ElementOf(TensorElementType type) => type switch
    {
        TensorElementType.Float => Element.Float32,
        TensorElementType.Float16 => Element.Float16,
        TensorElementType.Double => Element.Float64,
        TensorElementType.UInt8 => Element.UInt8,
        TensorElementType.Int32 => Element.Int32,
        TensorElementType.Int64 => Element.Int64,
        _ => Element.Other,
    };

    static TensorElementType TypeOf(Element element) => element switch
    {
        Element.Float16 => TensorElementType.Float16,
        Element.UInt8 => TensorElementType.UInt8,
        _ => TensorElementType.Float,
    };

    static string Sentence(OnnxRuntimeException e) => e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.') + ".";

    /// <summary>A tensor in the runtime's memory.</summary>
    sealed class RuntimeTensor(string name, long[] shape, OrtValue value) : OutputTensor(name, shape)
    {
        public override ReadOnlySpan<float> Values => value.GetTensorDataAsSpan<float>();
    }
}
