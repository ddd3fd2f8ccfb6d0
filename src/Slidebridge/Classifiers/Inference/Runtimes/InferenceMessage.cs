using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Reads the messages of the Open Inference Protocol, version 2.</summary>
static class InferenceMessage
{
    public const string BinaryExtension = "binary_tensor_data";

    /// <summary>The header that says how many bytes of a body are JSON; tensors' bytes follow.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    /// <exception cref="FormatException">A member is missing.</exception>
    public static ModelSignature ReadMetadata(JsonElement model) => new([.. model.GetProperty("inputs").EnumerateArray().Select(Signature)], [.. model.GetProperty("outputs").EnumerateArray().Select(Signature)]);

    /// <summary>The model's versions on the server, as its description lists them; null if it lists none.</summary>
    public static string? ReadVersions(JsonElement model) => model.ValueKind is JsonValueKind.Object && model.TryGetProperty("versions", out var versions) && versions.ValueKind is JsonValueKind.Array
        && string.Join(", ", versions.EnumerateArray().Where(v => v.ValueKind is JsonValueKind.String).Select(v => v.GetString())) is { Length: > 0 } all ? all : null;

    /// <summary>The text of an error answer: its <c>error</c> member, or else the whole text.</summary>
    public static string ReadError(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(ReceivedJson.ToUtf8(body));
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String) return error.GetString()!;
        }
        catch (JsonException)
        {
            // Not JSON: use the text.
        }
        return Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 4096))).ReplaceLineEndings(" ").Trim();
    }

    /// <summary>The outputs of an answer.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="header">The number of bytes that are JSON; null: all.</param>
    /// <exception cref="FormatException">A tensor has another number of values than its shape says, or an unknown type.</exception>
    public static ModelOutputs ReadOutputs(byte[] body, int? header)
    {
        if (header is < 0 || header > body.Length) throw new FormatException($"{HeaderLength} is {header} of {body.Length} bytes");
        using var json = JsonDocument.Parse(ReceivedJson.ToUtf8(body.AsMemory(0, header ?? body.Length)));
        var tensors = new List<OutputTensor>();
        var at = header ?? body.Length;
        foreach (var output in json.RootElement.GetProperty("outputs").EnumerateArray())
        {
            var signature = Signature(output);
            long[] shape = [.. signature.Shape];
            if (shape.Any(d => d < 0) || shape.Aggregate(1L, (a, d) => Math.Min(int.MaxValue, a) * d) is not (<= int.MaxValue and var count)) throw new FormatException($"the output {signature} has an impossible shape");
            float[] values;
            if (output.TryGetProperty("parameters", out var parameters) && parameters.TryGetProperty("binary_data_size", out var size))
            {
                var length = size.GetInt32();
                if (length < 0 || length > body.Length - at) throw new FormatException($"the output {signature} has fewer bytes than it says");
                values = Numbers(signature, body.AsSpan(at, length));
                at += length;
            }
            else values = [.. Flatten(output.GetProperty("data"))];
            if (values.Length != count) throw new FormatException($"the output {signature} has {values.Length} numbers, but its shape says {count}");
            tensors.Add(new ArrayTensor(signature.Name, shape, values));
        }
        return new ModelOutputs(tensors);
    }

    static TensorSignature Signature(JsonElement tensor) => new(
        tensor.GetProperty("name").GetString()!,
        tensor.GetProperty("datatype").GetString() switch
        {
            "FP32" => Element.Float32,
            "FP16" => Element.Float16,
            "FP64" => Element.Float64,
            "UINT8" or "BOOL" => Element.UInt8,
            "INT32" => Element.Int32,
            "INT64" => Element.Int64,
            _ => Element.Other,
        },
        [.. tensor.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]);

    static float[] Numbers(TensorSignature tensor, ReadOnlySpan<byte> bytes) => tensor.Element switch
    {
        Element.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        Element.Float16 => Convert<Half>(bytes, v => (float)v),
        Element.Float64 => Convert<double>(bytes, v => (float)v),
        Element.UInt8 => Convert<byte>(bytes, v => v),
        Element.Int32 => Convert<int>(bytes, v => v),
        Element.Int64 => Convert<long>(bytes, v => v),
        _ => throw new FormatException($"the output {tensor} has an unknown type of numbers"),
    };

    static float[] Convert<T>(ReadOnlySpan<byte> bytes, Func<T, float> convert) where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(bytes);
        var to = new float[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = convert(from[i]);
        return to;
    }

    // Flat, as the protocol recommends, or nested by the shape.
    static IEnumerable<float> Flatten(JsonElement values)
    {
        foreach (var value in values.EnumerateArray())
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Array:
                    foreach (var inner in Flatten(value)) yield return inner;
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    yield return value.GetBoolean() ? 1 : 0;
                    break;
                default:
                    yield return value.GetSingle();
                    break;
            }
        }
    }
}
