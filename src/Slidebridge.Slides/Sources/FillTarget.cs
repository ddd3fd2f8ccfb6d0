namespace Slidebridge.Slides.Sources;

/// <summary>Buffers that are filled one after the other. It keeps its place when an answer ends early, so that the next one goes on from there.</summary>
sealed class FillTarget(IReadOnlyList<byte[]> buffers)
{
    readonly long total = buffers.Sum(buffer => (long)buffer.Length);
    int index, within;

    /// <summary>Bytes that have come.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes that are missing.</summary>
    public long Left => total - Done;

    /// <summary>Where the next bytes go: one buffer's rest, at most so many.</summary>
    public Memory<byte> Next(long most)
    {
        while (within == buffers[index].Length) (index, within) = (index + 1, 0);
        return buffers[index].AsMemory(within, (int)Math.Min(most, buffers[index].Length - within));
    }

    /// <summary>So many came.</summary>
    public void Advance(int bytes)
    {
        within += bytes;
        Done += bytes;
    }
}
