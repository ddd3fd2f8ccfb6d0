using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Reads the messages of a program, one a line.</summary>
/// <param name="stream">Its output.</param>
/// <param name="heard">Called for everything that comes, also in the middle of a long line.</param>
sealed class MessageReader(Stream stream, Action heard)
{
    /// <summary>As long as a line may be: results are one line.</summary>
    const int LongestLine = 256 * 1024 * 1024;

    readonly PipeReader output = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));

    /// <summary>The next message; null where no more comes.</summary>
    /// <exception cref="ProtocolBrokenException">It is none.</exception>
    public async Task<JsonDocument?> ReadAsync()
    {
        var looked = 0L; // So many bytes hold no end of a line.
        while (true)
        {
            var read = await output.ReadAsync();
            heard();
            if (read.Buffer.Slice(looked).PositionOf((byte)'\n') is { } end)
            {
                looked = 0;
                var line = read.Buffer.Slice(0, end);
                var message = IsBlank(line) ? null : Parse(line);
                output.AdvanceTo(read.Buffer.GetPosition(1, end));
                if (message is not null) return message;
                continue;
            }
            if (read.IsCompleted) return read.Buffer.IsEmpty || IsBlank(read.Buffer) ? null : Parse(read.Buffer);
            if (read.Buffer.Length > LongestLine) throw new ProtocolBrokenException($"The program wrote a line of more than {LongestLine} bytes.");
            looked = read.Buffer.Length;
            output.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    static JsonDocument Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            // A copy: the line's memory is used again.
            var message = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = 128 });
            if (message.RootElement.ValueKind is JsonValueKind.Object && message.RootElement.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.GetString() is not null) return message;
            message.Dispose();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The latter for half a surrogate pair.
        {
            // Told below.
        }
        var start = Encoding.UTF8.GetString(line.Slice(0, Math.Min(line.Length, 80)).ToArray()).Trim();
        throw new ProtocolBrokenException("The program wrote a line to its output that is no message of the protocol", $": '{start}{(line.Length > 80 ? "…" : "")}'. What it prints belongs on its error stream.");
    }

    static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
            if (part.Span.ContainsAnyExcept(" \t\r"u8)) return false;
        return true;
    }
}
