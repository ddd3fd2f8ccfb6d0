using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>A batch as the body of an inference request: JSON, followed by the tensor's bytes if the server accepts binary tensors.</summary>
sealed class InferenceContent : HttpContent
{
    const int FlushAt = 64 * 1024;

    readonly InputBatch batch;
    readonly IReadOnlyList<string> outputs;
    readonly bool isBinary;
    readonly byte[] header = [];

    public InferenceContent(InputBatch batch, IReadOnlyList<string> outputs, bool isBinary)
    {
        (this.batch, this.outputs, this.isBinary) = (batch, outputs, isBinary);
        Headers.ContentType = new MediaTypeHeaderValue(isBinary ? "application/octet-stream" : "application/json");
        if (!isBinary) return;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) WriteStart(writer);
        header = buffer.WrittenSpan.ToArray();
        Headers.Add(InferenceMessage.HeaderLength, $"{header.Length}");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (isBinary)
        {
            await stream.WriteAsync(header, cancellationToken);
            await stream.WriteAsync(batch.Bytes, cancellationToken);
            return;
        }
        await using var writer = new Utf8JsonWriter(stream);
        WriteStart(writer);
        for (var i = 0; i < batch.Bytes.Length;)
        {
            i = WriteNumbers(writer, i);
            await writer.FlushAsync(cancellationToken);
        }
        WriteEnd(writer);
        await writer.FlushAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = isBinary ? header.Length + (long)batch.Bytes.Length : 0;
        return isBinary;
    }

    void WriteStart(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("inputs");
        writer.WriteStartObject();
        writer.WriteString("name", batch.Tensor.Name);
        writer.WriteStartArray("shape");
        foreach (var size in batch.Shape) writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteString("datatype", batch.Tensor.Element switch { Element.UInt8 => "UINT8", Element.Float16 => "FP16", _ => "FP32" });
        if (!isBinary)
        {
            writer.WriteStartArray("data");
            return;
        }
        writer.WriteStartObject("parameters");
        writer.WriteNumber("binary_data_size", batch.Bytes.Length);
        writer.WriteEndObject();
        Finish(writer);
    }

    void WriteEnd(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        Finish(writer);
    }

    void Finish(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("outputs");
        foreach (var output in outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name", output);
            if (isBinary)
            {
                writer.WriteStartObject("parameters");
                writer.WriteBoolean("binary_data", true);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    int WriteNumbers(Utf8JsonWriter writer, int from)
    {
        var end = Math.Min(batch.Bytes.Length, from + FlushAt);
        var bytes = batch.Bytes.Span[from..end];
        if (batch.Tensor.Element == Element.UInt8)
            foreach (var value in bytes) writer.WriteNumberValue(value);
        else
            foreach (var value in MemoryMarshal.Cast<byte, float>(bytes)) writer.WriteNumberValue(value);
        return end;
    }
}
