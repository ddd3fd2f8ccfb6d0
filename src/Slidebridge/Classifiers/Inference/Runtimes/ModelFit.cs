using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>A model's input tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">Float32, Float16 or UInt8.</param>
/// <param name="Batch">Tiles of a full batch.</param>
/// <param name="IsFixedBatch">The model accepts no smaller batch.</param>
sealed record InputTensor(string Name, Element Element, int Batch, bool IsFixedBatch)
{
    public int BytesPerElement => Element switch { Element.UInt8 => 1, Element.Float16 => 2, _ => 4 };
}

/// <summary>Checks a model's own description against its file: names, ranks and fixed sizes. What only the output shows is checked with a blank batch.</summary>
static class ModelFit
{
    /// <summary>The input that matches the file.</summary>
    /// <exception cref="ClassifierException">Something does not match; the message names the value in the file, the value of the model, and the key to change.</exception>
    public static InputTensor Check(ModelFile file, ModelSignature signature)
    {
        var input = Find(file, signature.Inputs, file.Input.Name, "input");
        if (signature.Inputs.Count > 1) throw Misfit(file, "input.name", $"the model has {signature.Inputs.Count} inputs ({List(signature.Inputs)}); it must have exactly one, the image");
        if (input.Element is not (Element.Float32 or Element.Float16 or Element.UInt8)) throw Misfit(file, "model", $"its input {input} must be float32, float16 or uint8");
        if (input.Element == Element.UInt8 && file.Input.Normalisation is { IsNone: false }) throw Misfit(file, "input.scale", $"the model's input {input} takes bytes, which are not scaled: remove scale, mean and std");
        var fixedBatch = CheckShape(file, input);
        foreach (var name in Outputs(file, signature)) Find(file, signature.Outputs, name, "output");
        return new InputTensor(input.Name, input.Element, fixedBatch ?? file.Input.Batch, fixedBatch is not null);
    }

    /// <summary>The outputs to fetch.</summary>
    public static IReadOnlyList<string> Outputs(ModelFile file, ModelSignature signature)
    {
        var named = file.Output.Names;
        return named.Count > 0 ? [.. named.Distinct()] : [Find(file, signature.Outputs, null, "output").Name];
    }

    static int? CheckShape(ModelFile file, TensorSignature input)
    {
        if (input.Shape.Count != 4) throw Misfit(file, "model", $"its input {input} has {input.Shape.Count} dimensions; it must have 4, {(file.Input.ChannelsLast ? "NHWC" : "NCHW")}");
        var (channels, height, width) = file.Input.ChannelsLast ? (input.Shape[3], input.Shape[1], input.Shape[2]) : (input.Shape[1], input.Shape[2], input.Shape[3]);
        var other = file.Input.ChannelsLast ? input.Shape[1] : input.Shape[3];
        if (channels is not (-1 or 3))
            throw Misfit(file, "input.layout", $"the model's input {input} has {channels} channels, but must have 3{(other == 3 ? $": should the layout be {(file.Input.ChannelsLast ? "NCHW" : "NHWC")}?" : "")}");
        if ((height >= 0 && height != file.Input.Height) || (width >= 0 && width != file.Input.Width))
            throw Misfit(file, "input.size", $"the model's input {input} needs tiles of {width}×{height}, but the file says {file.Input.Width}×{file.Input.Height}");
        return input.Shape[0] is > 0 and <= 4096 and var batch ? (int)batch : null;
    }

    static TensorSignature Find(ModelFile file, IReadOnlyList<TensorSignature> tensors, string? name, string what)
    {
        if (name is not null) return tensors.FirstOrDefault(t => t.Name == name) ?? throw Misfit(file, what, $"the model has no {what} '{name}'; it has {List(tensors)}");
        return tensors.Count == 1 ? tensors[0] : throw Misfit(file, $"{what}.name", $"the model has {tensors.Count} {what}s ({List(tensors)}): set the name of one");
    }

    static string List(IReadOnlyList<TensorSignature> tensors) => string.Join(", ", tensors);

    static ClassifierException Misfit(ModelFile file, string key, string sentence) => new($"{file.File}, {key}: {sentence}.");
}
