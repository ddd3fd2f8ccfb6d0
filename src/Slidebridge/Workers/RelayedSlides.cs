using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary>
/// Slides that workers read through the bridge, by ranges: from the copy that the bridge made because the URLs expire, or from the store. An object stays open between two requests, for a short time, because opening it costs
/// round trips.
/// </summary>
sealed class RelayedSlides(StagedSlides staged, SlideHttp http, TaskVault vault, TimeProvider time) : IAsyncDisposable
{
    static readonly TimeSpan KeptOpen = TimeSpan.FromMinutes(1);

    sealed class Opened(Lazy<Task<(ByteSource Source, IDisposable? Copy)>> source)
    {
        public Task<(ByteSource Source, IDisposable? Copy)> Source => source.Value;

        public long UsedAt;

        public int Readers;
    }

    readonly ConcurrentDictionary<(LeaseId Lease, string Scan, int Url), Opened> opened = [];

    /// <summary>One object of a task's slide; null: the task has none of this number.</summary>
    /// <param name="lease">The run that reads it.</param>
    /// <param name="scan">The scan's id.</param>
    /// <param name="url">Which of the scan's objects, from 0.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideSourceException">The object cannot be reached.</exception>
    public async Task<RelayedSlide?> OpenAsync(TaskLease lease, string scan, int url, CancellationToken cancellationToken)
    {
        await CloseIdleAsync();
        if (vault.TryUnlock(lease.Task).Scans.Find(s => s.ScanId == scan)?.Urls is not { } urls || url < 0 || url >= urls.Count) return null;
        var key = (new LeaseId(lease.Number, lease.FencingToken), scan, url);
        var entry = opened.GetOrAdd(key, _ => new Opened(new(() => OpenAsync(urls[url]))));
        Interlocked.Increment(ref entry.Readers);
        try
        {
            entry.UsedAt = time.GetTimestamp();
            var (source, _) = await entry.Source.WaitAsync(cancellationToken);
            return new RelayedSlide(new SourceRanges(source, () => Leave(entry)), EntityTagHeaderValue.TryParse(source.Version ?? "", out var tag) ? tag : null);
        }
        catch (Exception e)
        {
            Leave(entry);
            if (e is not OperationCanceledException) opened.TryRemove(new(key, entry));
            throw;
        }
    }

    async Task<(ByteSource, IDisposable?)> OpenAsync(string url)
    {
        if (await staged.FindAllAsync([url], CancellationToken.None) is [var copy]) return (FileSource.Open(copy.Path), copy);
        return (await HttpSource.OpenAsync(url, http.Options, CancellationToken.None), null);
    }

    void Leave(Opened entry)
    {
        entry.UsedAt = time.GetTimestamp();
        Interlocked.Decrement(ref entry.Readers);
    }

    async Task CloseIdleAsync()
    {
        foreach (var (key, entry) in opened)
            if (Volatile.Read(ref entry.Readers) == 0 && time.GetElapsedTime(entry.UsedAt) > KeptOpen && opened.TryRemove(new(key, entry))) await CloseAsync(entry);
    }

    static async Task CloseAsync(Opened entry)
    {
        try
        {
            var (source, copy) = await entry.Source;
            await source.DisposeAsync();
            copy?.Dispose();
        }
        catch (Exception e) when (e is SlideSourceException or SlideFormatException)
        {
            // It was never open.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var entry in opened.Values) await CloseAsync(entry);
    }
}

/// <param name="Content">The object's bytes.</param>
/// <param name="Version">Its ETag; null: the store states none.</param>
sealed record RelayedSlide(Stream Content, EntityTagHeaderValue? Version);
