namespace Slidebridge.Slides;

/// <summary>Where a slide's bytes come from: a file, an HTTP object, an entry of a zip. Safe for concurrent readers.</summary>
public abstract class ByteSource : IAsyncDisposable
{
    const int CopyBytes = 1024 * 1024;

    /// <summary>Bytes in the whole slide.</summary>
    public abstract long Length { get; }

    /// <summary>What reading has cost so far.</summary>
    public abstract SourceUsage Usage { get; }

    /// <summary>Reads that gain from being in flight together: the cores for a file, more where a read waits for a network.</summary>
    public virtual int PreferredConcurrency => Environment.ProcessorCount;

    /// <summary>Bytes that may be asked of <see cref="PrefetchAsync"/> at once; 0 where it does nothing.</summary>
    public virtual long PrefetchBytes => 0;

    /// <summary>Fills <paramref name="buffer"/> wholly from <paramref name="offset"/>.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    /// <exception cref="SlideFormatException">The range lies outside the source: something in the slide points beyond its end.</exception>
    public abstract ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Says which ranges will be read next, so that neighbours can come in one request. A hint: it may do nothing.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public virtual ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default) => default;

    /// <summary>What the server calls this state of the object (its ETag), where there is a server that says so.</summary>
    public virtual string? Version => null;

    /// <summary>All names of this state that the server has used so far: nodes behind one address may have an ETag each for the same bytes.</summary>
    public virtual IReadOnlyList<string> Versions => Version is { } version ? [version] : [];

    /// <summary>Writes all bytes in order, for those that keep the whole object.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public virtual async Task CopyToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var buffer = new byte[(int)Math.Min(CopyBytes, Length)];
        for (long offset = 0; offset < Length; offset += buffer.Length)
        {
            var bytes = buffer.AsMemory(0, (int)Math.Min(buffer.Length, Length - offset));
            await ReadAsync(offset, bytes, cancellationToken);
            await destination.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>Releases the file, connection or cache.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Throws unless the range lies inside the source.</summary>
    /// <exception cref="SlideFormatException">It does not.</exception>
    protected void CheckRange(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new SlideFormatException(
                $"Bytes {offset} to {offset + count} were asked for, but the slide has {Length}. It is damaged or was cut short: copy it again.", offset);
    }
}
