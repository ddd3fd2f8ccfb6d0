namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Runs a model: a batch of tiles in, named tensors out. Several batches may run at a time.</summary>
interface IModel : IAsyncDisposable
{
    /// <summary>Loads the model, if it is not loaded, and returns its tensors' descriptions.</summary>
    /// <exception cref="Sdk.ClassifierException">The model cannot be loaded; the exception says whether that is transient.</exception>
    Task<ModelSignature> LoadAsync(CancellationToken cancellationToken);

    /// <summary>A problem that the operator should know and fix, as a sentence; null for none. Known once the model is loaded.</summary>
    string? Remark { get; }

    /// <summary>The version that the model itself or its server states; null if none. Known once the model is loaded.</summary>
    string? Version { get; }

    /// <summary>The host of the model's server; null if the model runs in this process.</summary>
    string? Server { get; }

    /// <summary>Runs a batch.</summary>
    /// <param name="batch">Its tensor must not change until the run has ended.</param>
    /// <param name="outputs">The outputs to fetch.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="Sdk.ClassifierException">The model or its server failed; the exception says whether that is transient.</exception>
    Task<ModelOutputs> RunAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken);
}

/// <summary>The type of a tensor's elements.</summary>
enum Element
{
    Float32,
    Float16,
    Float64,
    UInt8,
    Int32,
    Int64,
    Other,
}

/// <summary>A tensor as a model describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Shape">Its sizes; −1 for a variable one.</param>
sealed record TensorSignature(string Name, Element Element, IReadOnlyList<long> Shape)
{
    public override string ToString() => $"{Name} [{string.Join(", ", Shape.Select(d => d < 0 ? "?" : $"{d}"))}]";
}

/// <summary>A model's tensors.</summary>
sealed record ModelSignature(IReadOnlyList<TensorSignature> Inputs, IReadOnlyList<TensorSignature> Outputs);
