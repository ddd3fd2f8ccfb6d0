namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Something that runs a model: a batch of tiles in, named tensors out. Several batches may run at a time.</summary>
interface IModel : IAsyncDisposable
{
    /// <summary>Makes the model ready, if it is not, and says what its tensors are.</summary>
    /// <exception cref="Sdk.ClassifierException">It cannot be made ready; it says whether that may pass.</exception>
    Task<ModelSignature> LoadAsync(CancellationToken cancellationToken);

    /// <summary>What its operator should know and mend, as a sentence; null for nothing. Known once it is loaded.</summary>
    string? Remark { get; }

    /// <summary>Runs a batch.</summary>
    /// <param name="batch">Its tensor is not to be changed until the end.</param>
    /// <param name="outputs">The outputs that are wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Sdk.ClassifierException">The model or its server failed; it says whether that may pass.</exception>
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
/// <param name="Shape">Its sizes; −1 for one that may be any.</param>
sealed record TensorSignature(string Name, Element Element, IReadOnlyList<long> Shape)
{
    public override string ToString() => $"{Name} [{string.Join(", ", Shape.Select(d => d < 0 ? "?" : $"{d}"))}]";
}

/// <summary>A model's tensors.</summary>
sealed record ModelSignature(IReadOnlyList<TensorSignature> Inputs, IReadOnlyList<TensorSignature> Outputs);
