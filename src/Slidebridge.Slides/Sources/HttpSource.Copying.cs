namespace Slidebridge.Slides.Sources;

/// <content>Copies a whole object, for callers that keep it.</content>
public sealed partial class HttpSource
{
    // One range is written while the other is fetched; more would take bandwidth from slides that are being read.
    const int PiecesAtOnce = 2;

    /// <inheritdoc/>
    public override string? Version => seen.First.Tag;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Versions => seen.Tags;

    /// <summary>
    /// Fetches the object in ranges of <see cref="SlideOptions.MaxRequestBytes"/>, two at a time, and writes them in order. If a range breaks off, only that range is requested again.
    /// The cache is not used: a gigabyte of copied blocks would evict the blocks of slides that are being read.
    /// </summary>
    public override async Task CopyToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (free is not null)
        {
            await base.CopyToAsync(destination, cancellationToken);
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing.Token);
        var coming = new Queue<Task<byte[]>>();
        try
        {
            long asked = 0;
            if (cache.Find(Key(0)) is { } first)
            {
                await destination.WriteAsync(first, cancellationToken);
                asked = first.Length;
            }
            while (asked < Length || coming.Count > 0)
            {
                while (asked < Length && coming.Count < PiecesAtOnce)
                {
                    var piece = new byte[(int)Math.Min(options.MaxRequestBytes, Length - asked)];
                    coming.Enqueue(FetchAsync(asked, piece, stop.Token));
                    asked += piece.Length;
                }
                await destination.WriteAsync(await coming.Dequeue(), cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(coming).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    async Task<byte[]> FetchAsync(long offset, byte[] piece, CancellationToken cancellationToken)
    {
        await client.FillAsync(offset, [piece], seen, cancellationToken);
        return piece;
    }
}
