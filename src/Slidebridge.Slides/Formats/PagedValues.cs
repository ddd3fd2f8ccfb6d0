namespace Slidebridge.Slides.Formats;

/// <summary>A long list of offsets or lengths, fetched page by page when tiles need them. Safe for concurrent readers.</summary>
abstract class PagedValues(long count)
{
    // About one row of tiles of a large slide.
    const int PageValues = 1024;

    readonly Dictionary<long, long[]> pages = [];
    readonly Lock gate = new();

    public long Count { get; } = count;

    /// <exception cref="SlideFormatException">The list reaches beyond the slide's end.</exception>
    public ValueTask<long> GetAsync(long index, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var (page, place) = Math.DivRem(index, PageValues);
        lock (gate)
        {
            if (pages.TryGetValue(page, out var values)) return new(values[place]);
        }
        return FetchAsync(page, place, cancellationToken);
    }

    /// <summary>Reads some of the values; two readers may read the same page.</summary>
    protected abstract ValueTask<long[]> ReadAsync(long first, int count, CancellationToken cancellationToken);

    async ValueTask<long> FetchAsync(long page, long place, CancellationToken cancellationToken)
    {
        var first = page * PageValues;
        var values = await ReadAsync(first, (int)Math.Min(PageValues, Count - first), cancellationToken);
        lock (gate) pages.TryAdd(page, values);
        return values[place];
    }
}
