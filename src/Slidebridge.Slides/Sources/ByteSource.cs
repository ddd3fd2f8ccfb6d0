using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides;

/// <summary>Where a slide's bytes come from: a file, an HTTP object, an entry of a zip. Safe for concurrent readers.</summary>
public abstract class ByteSource : IAsyncDisposable
{
    const int CopyBytes = 1024 * 1024;

    volatile List<ByteRange> withheld = [];

    /// <summary>Bytes in the whole slide.</summary>
    public abstract long Length { get; }

    /// <summary>The requests and bytes that reading has needed so far.</summary>
    public abstract SourceUsage Usage { get; }

    /// <summary>How many reads are useful at the same time: the number of cores for a file, more if reads wait for a network.</summary>
    public virtual int PreferredConcurrency => Environment.ProcessorCount;

    /// <summary>Maximum bytes that one <see cref="PrefetchAsync"/> call may request; 0 if it does nothing.</summary>
    public virtual long PrefetchBytes => 0;

    /// <summary>Fills the whole <paramref name="buffer"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    /// <exception cref="SlideFormatException">The range lies outside the source: an offset in the slide points beyond its end.</exception>
    public abstract ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Announces which ranges will be read next, so that neighbours can be fetched in one request. A hint: it may do nothing.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public virtual ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default) => default;

    /// <summary>The bytes that arrived from the file or the server so far, as sorted ranges that neither overlap nor touch; only a source that combines others may return ranges that overlap. Empty for a part of another source, which has the list.</summary>
    public virtual IReadOnlyList<ByteRange> Fetched => [];

    /// <summary>The server's identifier for this version of the object (its ETag); null if there is none.</summary>
    public virtual string? Version => null;

    /// <summary>All ETags of this version that the server has used so far: nodes behind one address may have different ETags for the same bytes.</summary>
    public virtual IReadOnlyList<string> Versions => Version is { } version ? [version] : [];

    /// <summary>
    /// For <see cref="SlideOptions.WithholdLabels"/>: says that the meaning of some bytes is known now. Those to withhold are never fetched from now on, and reading them throws. The other known ones may be fetched
    /// together with their neighbours. Bytes of an unknown meaning are fetched only if they are read. A source that reads another one should call the other's method too.
    /// </summary>
    /// <param name="known">The bytes whose meaning is known.</param>
    /// <param name="withhold">Those of them that are never fetched.</param>
    public virtual void Withhold(ByteRange known, IReadOnlyList<ByteRange> withhold)
    {
        ArgumentNullException.ThrowIfNull(withhold);
        withheld = ByteRanges.Merge([.. withheld, .. withhold]);
    }

    /// <summary>The bytes that are never fetched: sorted ranges that neither overlap nor touch.</summary>
    internal IReadOnlyList<ByteRange> Withheld => withheld;

    /// <summary>The source that was opened, and where bytes of this one lie in it: an entry of a zip lies in the zip.</summary>
    internal virtual (ByteSource Opened, IReadOnlyList<ByteRange> Bytes) PlaceOf(IReadOnlyList<ByteRange> bytes) => (this, bytes);

    /// <summary>Writes all bytes in order, for callers that keep the whole object.</summary>
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

    /// <summary>Throws unless the range lies inside the source, without bytes that are withheld.</summary>
    /// <exception cref="SlideFormatException">The range lies outside.</exception>
    /// <exception cref="SlideWithheldException">The range contains bytes that are withheld (<see cref="Withhold"/>).</exception>
    protected void CheckRange(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new SlideFormatException(
                $"Bytes {offset} to {offset + count} are needed, but the slide has {Length}. It is damaged or truncated: copy it again.", offset);
        if (withheld.Count > 0 && ByteRanges.Touches(withheld, new ByteRange(offset, count)))
            throw new SlideWithheldException($"Bytes {offset} to {offset + count} belong to the slide's label or macro picture. They are withheld: they may show a patient's name. (SlideOptions.WithholdLabels)");
    }
}
