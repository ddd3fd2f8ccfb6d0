using System.Numerics;
using System.Runtime.InteropServices;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>What a model answered to a batch; its memory is the runtime's until it is disposed.</summary>
sealed class ModelOutputs(IReadOnlyList<OutputTensor> tensors, IDisposable? owner = null) : IDisposable
{
    // Looked through once, however often they are asked for.
    readonly Dictionary<string, OutputTensor> sound = [];

    /// <summary>An output by its name.</summary>
    /// <exception cref="ClassifierException">The model did not answer with it, or with something that is no number.</exception>
    public OutputTensor this[string name]
    {
        get
        {
            if (sound.TryGetValue(name, out var known)) return known;
            var tensor = tensors.FirstOrDefault(t => t.Name == name) ?? throw new ClassifierException($"The model gave no output '{name}'.");
            return sound[name] = tensor.HasNaN ? throw new ClassifierException($"The model's output '{name}' holds numbers that are none (NaN): the model or its input's scale, mean and std are wrong.") : tensor;
        }
    }

    public void Dispose() => owner?.Dispose();
}

/// <summary>A tensor of an answer, as floats in row-major order.</summary>
abstract class OutputTensor(string name, long[] shape)
{
    public string Name => name;

    public long[] Shape => shape;

    public abstract ReadOnlySpan<float> Values { get; }

    public bool HasNaN
    {
        get
        {
            var vectors = MemoryMarshal.Cast<float, Vector<float>>(Values);
            foreach (var vector in vectors)
                if (!Vector.EqualsAll(vector, vector)) return true;
            foreach (var value in Values[(vectors.Length * Vector<float>.Count)..])
                if (float.IsNaN(value)) return true;
            return false;
        }
    }

    public override string ToString() => $"'{name}' has the shape [{string.Join(", ", shape)}]";
}

/// <summary>A tensor in an array of its own.</summary>
sealed class ArrayTensor(string name, long[] shape, float[] values) : OutputTensor(name, shape)
{
    public override ReadOnlySpan<float> Values => values;
}
