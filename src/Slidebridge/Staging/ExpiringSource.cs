using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Staging;

/// <summary>A slide that is read from its presigned URL, and from its copy once the server refuses the URL because it expired while the slide was open.</summary>
sealed class ExpiringSource(string url, ByteSource remote, StagedSlides staged, TimeProvider time) : ByteSource
{
    sealed record Copy(SlideLease Lease, FileSource File);

    readonly SemaphoreSlim looking = new(1);
    volatile Copy? copy;

    public override long Length => remote.Length;

    public override SourceUsage Usage => copy is { } own ? new(remote.Usage.Requests + own.File.Usage.Requests, remote.Usage.BytesRead + own.File.Usage.BytesRead) : remote.Usage;

    public override int PreferredConcurrency => remote.PreferredConcurrency;

    public override long PrefetchBytes => remote.PrefetchBytes;

    public override IReadOnlyList<ByteRange> Fetched => copy is { } own ? [.. remote.Fetched, .. own.File.Fetched] : remote.Fetched;

    public override string? Version => remote.Version;

    public override IReadOnlyList<string> Versions => remote.Versions;

    public override void Withhold(ByteRange known, IReadOnlyList<ByteRange> withhold)
    {
        base.Withhold(known, withhold);
        remote.Withhold(known, withhold);
    }

    public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length); // The copy knows nothing of withheld bytes.
        return ReadAsync(source => source.ReadAsync(offset, buffer, cancellationToken), cancellationToken);
    }

    public override ValueTask PrefetchAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken = default) =>
        ReadAsync(source => source.PrefetchAsync(ranges, cancellationToken), cancellationToken);

    async ValueTask ReadAsync(Func<ByteSource, ValueTask> read, CancellationToken cancellationToken)
    {
        if (copy is { } own)
        {
            await read(own.File);
            return;
        }
        try
        {
            await read(remote);
        }
        // The server decides, not this machine's clock.
        catch (SlideSourceException e) when (e.HttpStatus is 401 or 403)
        {
            await read((await FindAsync(cancellationToken) ?? throw ExpiredUrlException.Of(e, [url], "before the slides were read completely", time)).File);
        }
    }

    async Task<Copy?> FindAsync(CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            return copy ??= await staged.FindAsync(url, remote, cancellationToken) is { } lease ? new Copy(lease, FileSource.Open(lease.Path)) : null;
        }
        finally
        {
            looking.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await remote.DisposeAsync();
        if (copy is { } own)
        {
            await own.File.DisposeAsync();
            own.Lease.Dispose();
        }
        looking.Dispose();
    }
}
