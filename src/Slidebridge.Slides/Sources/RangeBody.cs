namespace Slidebridge.Slides.Sources;

/// <summary>The body of an answer, read under its attempt's <see cref="Deadline"/>.</summary>
sealed class RangeBody(RangeClient client, Stream body, Deadline deadline, HostLimit.Turn turn)
{
    /// <summary>Fills the buffer as far as the body goes, and returns how far.</summary>
    /// <exception cref="SlideSourceException">The body breaks off.</exception>
    public async ValueTask<int> ReadFullAsync(Memory<byte> buffer)
    {
        var filled = 0;
        for (int read; filled < buffer.Length && (read = await ReadAsync(buffer[filled..])) > 0;) filled += read;
        return filled;
    }

    /// <summary>Reads what there is, 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var read = 0;
        deadline.Wait();
        try
        {
            return read = await body.ReadAsync(buffer, deadline.Token);
        }
        // The server did answer: whether its end of the line then closed or broke is chance, and the same to a caller.
        catch (IOException e)
        {
            throw client.Answers.Fail(SlideSourceFailure.Truncated, "broke off its answer", null, transient: true, e);
        }
        finally
        {
            deadline.Got(read);
            turn.Got(read);
            client.CountReceived(read);
        }
    }
}
