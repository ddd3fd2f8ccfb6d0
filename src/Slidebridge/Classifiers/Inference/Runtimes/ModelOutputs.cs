using System.Numerics;
using System.Runtime.InteropServices;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>A model's output for a batch; its memory belongs to the runtime until it is disposed.</summary>
sealed class ModelOutputs(IReadOnlyList<OutputTensor> tensors, IDisposable? owner = null) : IDisposable
{
    // Checked for NaN once, however often they are used.
    readonly Dictionary<string, OutputTensor> sound = [];

    /// <summary>An output by its name.</summary>
    /// <exception cref="ClassifierException">The output is missing, or contains NaN.</exception>
    public OutputTensor this[string name]
    {
        get
        {
            if (sound.TryGetValue(name, out var known)) return known;
            var tensor = tensors.FirstOrDefault(t => t.Name == name) ?? throw new ClassifierException($"The model returned no output '{name}'.");
            return sound[name] = tensor.HasNaN ? throw new ClassifierException($"The model's output '{name}' contains NaN (not a number): the model or its input's scale, mean and std are wrong.") : tensor;
        }
    }

    public void Dispose() => owner?.Dispose();
}

/// <summary>A tensor of an output, as floats in row-major order.</summary>
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

/// <summary>A tensor in a separate array.</summary>
sealed class ArrayTensor(string name, long[] shape, float[] values) : OutputTensor(name, shape)
{
    public override ReadOnlySpan<float> Values => values;
}
