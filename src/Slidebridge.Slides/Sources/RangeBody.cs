namespace Slidebridge.Slides.Sources;

/// <summary>The body of an answer, read under its attempt's <see cref="Deadline"/>.</summary>
sealed class RangeBody(RangeClient client, Stream body, Deadline deadline, HostLimit.Turn turn)
{
    /// <summary>Fills the buffer, up to the end of the body at most, and returns the number of bytes.</summary>
    /// <exception cref="SlideSourceException">The connection breaks before the end of the body.</exception>
    public async ValueTask<int> ReadFullAsync(Memory<byte> buffer)
    {
        var filled = 0;
        for (int read; filled < buffer.Length && (read = await ReadAsync(buffer[filled..])) > 0;) filled += read;
        return filled;
    }

    /// <summary>Reads the available bytes; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var read = 0;
        deadline.Wait();
        try
        {
            return read = await body.ReadAsync(buffer, deadline.Token);
        }
        // The server did answer. Whether it then closed or reset the connection makes no difference to a caller.
        catch (IOException e)
        {
            throw client.Answers.Fail(SlideSourceFailure.Truncated, "broke the connection during its answer", null, transient: true, e);
        }
        finally
        {
            deadline.Got(read);
            turn.Got(read);
            client.CountReceived(read);
        }
    }
}
