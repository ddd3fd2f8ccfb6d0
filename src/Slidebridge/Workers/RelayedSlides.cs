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
sealed class RelayedSlides : IAsyncDisposable
{
    static readonly TimeSpan KeptOpen = TimeSpan.FromMinutes(1), BetweenLooks = TimeSpan.FromSeconds(15);

    sealed class Opened(Task<(ByteSource Source, IDisposable? Copy)> source)
    {
        public Task<(ByteSource Source, IDisposable? Copy)> Source => source;

        public long UsedAt { get; set; }

        public int Readers { get; set; }
    }

    readonly StagedSlides staged;
    readonly SlideHttp http;
    readonly TaskVault vault;
    readonly TimeProvider time;
    readonly ITimer timer;
    readonly Lock gate = new();
    readonly Dictionary<(LeaseId Lease, string Scan, int Url), Opened> opened = [];

    public RelayedSlides(StagedSlides staged, SlideHttp http, TaskVault vault, TimeProvider time)
    {
        (this.staged, this.http, this.vault, this.time) = (staged, http, vault, time);
        timer = time.CreateTimer(_ => _ = CloseAsync(entry => entry.Readers == 0 && this.time.GetElapsedTime(entry.UsedAt) > KeptOpen), null, BetweenLooks, BetweenLooks);
    }

    /// <summary>One object of a task's slide; null: the task has none of this number.</summary>
    /// <param name="lease">The run that reads it.</param>
    /// <param name="scan">The scan's id.</param>
    /// <param name="url">Which of the scan's objects, from 0.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideSourceException">The object cannot be reached.</exception>
    public async Task<RelayedSlide?> OpenAsync(TaskLease lease, string scan, int url, CancellationToken cancellationToken)
    {
        if (vault.TryUnlock(lease.Task).Scans.Find(s => s.ScanId == scan)?.Urls is not { } urls || url < 0 || url >= urls.Count) return null;
        var key = (new LeaseId(lease.Number, lease.FencingToken), scan, url);
        Opened? entry;
        lock (gate)
        {
            if (!opened.TryGetValue(key, out entry)) opened[key] = entry = new Opened(OpenAsync(urls[url]));
            entry.Readers++;
        }
        try
        {
            var (source, _) = await entry.Source.WaitAsync(cancellationToken);
            return new RelayedSlide(new SourceRanges(source, () => Leave(entry)), EntityTagHeaderValue.TryParse(source.Version ?? "", out var tag) ? tag : null);
        }
        catch
        {
            Leave(entry);
            lock (gate)
            {
                // The next request tries again.
                if (entry.Source.IsFaulted && opened.GetValueOrDefault(key) == entry) opened.Remove(key);
            }
            throw;
        }
    }

    async Task<(ByteSource, IDisposable?)> OpenAsync(string url)
    {
        if (await staged.FindAllAsync([url], CancellationToken.None) is not [var copy]) return (await HttpSource.OpenAsync(url, http.Options, CancellationToken.None), null);
        try
        {
            return (FileSource.Open(copy.Path), copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    void Leave(Opened entry)
    {
        lock (gate)
        {
            entry.UsedAt = time.GetTimestamp();
            entry.Readers--;
        }
    }

    async Task CloseAsync(Func<Opened, bool> which)
    {
        List<Opened> closing = [];
        lock (gate)
        {
            foreach (var (key, entry) in opened.Where(each => which(each.Value)).ToList())
            {
                opened.Remove(key);
                closing.Add(entry);
            }
        }
        foreach (var entry in closing)
        {
            try
            {
                var (source, copy) = await entry.Source;
                await source.DisposeAsync();
                copy?.Dispose();
            }
            catch (Exception e) when (e is SlideSourceException or SlideFormatException or IOException)
            {
                // It was never open.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await CloseAsync(_ => true);
    }
}

/// <param name="Content">The object's bytes.</param>
/// <param name="Version">Its ETag; null: the store states none.</param>
sealed record RelayedSlide(Stream Content, EntityTagHeaderValue? Version);
