using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Reads the messages of a program, one per line.</summary>
/// <param name="stream">The program's stdout.</param>
/// <param name="heard">Called whenever bytes arrive, also within a long line.</param>
/// <param name="largestResult">Maximum bytes of the line with a result.</param>
sealed class MessageReader(Stream stream, Action heard, long largestResult)
{
    /// <summary>Maximum bytes of a line, except the line with a result.</summary>
    public const int LongestLine = 1024 * 1024;

    /// <summary>Bytes of the result's line in addition to the results.</summary>
    const int Envelope = 1024;

    readonly PipeReader output = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));

    /// <summary>The next message; null if there are no more.</summary>
    /// <exception cref="ProtocolBrokenException">The line is not a message.</exception>
    public async Task<ProgramMessage?> ReadAsync()
    {
        var looked = 0L; // The first bytes that are known to have no line end.
        var isResult = false;
        while (true)
        {
            var read = await output.ReadAsync();
            heard();
            if (read.Buffer.Slice(looked).PositionOf((byte)'\n') is { } end)
            {
                looked = 0;
                var line = read.Buffer.Slice(0, end);
                Check(line, ref isResult);
                isResult = false;
                var message = IsBlank(line) ? null : Parse(line);
                output.AdvanceTo(read.Buffer.GetPosition(1, end));
                if (message is not null) return message;
                continue;
            }
            if (read.IsCompleted)
            {
                // The last line, without a line end. It is taken once.
                Check(read.Buffer, ref isResult);
                var last = read.Buffer.IsEmpty || IsBlank(read.Buffer) ? null : Parse(read.Buffer);
                output.AdvanceTo(read.Buffer.End);
                return last;
            }
            Check(read.Buffer, ref isResult);
            looked = read.Buffer.Length;
            output.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Checks that a line, or its beginning, is not longer than the limit for its kind.</summary>
    void Check(ReadOnlySequence<byte> line, ref bool isResult)
    {
        if (line.Length <= LongestLine && line.Length <= largestResult + Envelope) return;
        line = ReceivedJson.WithoutMark(line);
        isResult = isResult || ResultLine.Begins(line.Slice(0, Math.Min(line.Length, LongestLine)));
        if (!isResult && line.Length > LongestLine)
            throw new ProtocolBrokenException($"The program wrote a line of more than {LongestLine} bytes that does not begin as a message of type 'result'.");
        if (isResult && line.Length > largestResult + Envelope) throw ProgramResults.TooLarge(null, largestResult);
    }

    static ProgramMessage Parse(ReadOnlySequence<byte> line)
    {
        var fault = "";
        line = ReceivedJson.WithoutMark(line);
        try
        {
            if (ResultLine.Begins(line.Slice(0, Math.Min(line.Length, LongestLine)))) return ResultLine.Split(line) ?? throw new JsonException();
            // A copy, because the line's memory is reused.
            var message = ReceivedJson.ParseDocument(line.ToArray(), ResultLine.MostLevels);
            if (message.RootElement.ValueKind is JsonValueKind.Object && message.RootElement.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.GetString() is not null) return new ProgramMessage(message);
            message.Dispose();
        }
        catch (RepeatedKeyException e)
        {
            fault = $" ({e.Message})";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The latter for an unpaired surrogate.
        {
            // Reported below.
        }
        var start = Encoding.UTF8.GetString(line.Slice(0, Math.Min(line.Length, 80)).ToArray()).Trim();
        throw new ProtocolBrokenException("The program wrote a line to stdout that is not a message of the protocol", $"{fault}: '{start}{(line.Length > 80 ? "…" : "")}'. The program must print everything else to stderr.");
    }

    static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var part in ReceivedJson.WithoutMark(line))
            if (part.Span.ContainsAnyExcept(" \t\r"u8)) return false;
        return true;
    }
}
