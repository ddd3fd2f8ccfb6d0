namespace Slidebridge.Slides.Sources;

/// <summary>Buffers that are filled one after the other. It keeps its position when an answer ends early, so that the next answer continues there.</summary>
sealed class FillTarget(IReadOnlyList<Memory<byte>> buffers)
{
    readonly long total = buffers.Sum(buffer => (long)buffer.Length);
    int index, within;

    /// <summary>Bytes that have arrived.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes that are missing.</summary>
    public long Left => total - Done;

    /// <summary>The memory for the next bytes: the rest of one buffer, at most this many bytes.</summary>
    public Memory<byte> Next(long most)
    {
        while (within == buffers[index].Length) (index, within) = (index + 1, 0);
        return buffers[index].Slice(within, (int)Math.Min(most, buffers[index].Length - within));
    }

    /// <summary>Moves the position by the bytes that arrived.</summary>
    public void Advance(int bytes)
    {
        within += bytes;
        Done += bytes;
    }
}
