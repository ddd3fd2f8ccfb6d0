using System.Collections.Concurrent;
using System.IO.Hashing;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Staging;

/// <summary>
/// Whole slides on disk, for tasks whose URLs will have expired when it is their turn: docs/decisions/staging.md. Taking an object goes like this:
/// 1. is there a copy? its length is looked at each time, its checksum once in the life of a process;
/// 2. does the URL open it? The store must have answered well for exactly this URL, now or before: a URL that has expired, or is refused, opens nothing by itself;
/// 3. is it still what lies at the URL? The server says so by length and ETag, as long as the URL is good;
/// 4. where not, the object is fetched, once for all who want it, and appears in the directory by a rename.
/// </summary>
sealed class StagedSlides(StagingOptions options, StagingDirectory directory, SlideHttp http, TimeProvider time) : IDisposable
{
    /// <summary>A copy may be evicted between being found and being taken into use; then it is looked for again.</summary>
    const int Tries = 3;

    /// <summary>Of a copy, the server is asked in passing whether it is current: no answer is answer enough.</summary>
    static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(5);

    /// <summary>Bytes a second that each of a copy's two requests must bring: one that does not is not worth a place.</summary>
    const int LeastRate = 64 * 1024;

    // Fetched objects pass through it with their first block only; what tasks read is elsewhere.
    readonly BlockCache passing = new(memoryBytes: 1 << 20);
    readonly SharedWork<StagedObject?> work = new();
    readonly OneAtATime fetching = new();
    readonly ConcurrentDictionary<string, bool> sound = [];

    /// <summary>Whether slides may be staged at all.</summary>
    public bool IsOn => options.Budget > 0;

    /// <summary>A copy of every object, or null where not all have one. Nothing is fetched.</summary>
    public async Task<IReadOnlyList<SlideLease>?> FindAllAsync(IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        if (urls.Any(url => directory.Find(StagedObject.KeyOf(url)).Count == 0)) return null;
        var takes = urls.Select(url => TakeAsync(url, fetch: false, cancellationToken)).ToArray();
        await Task.WhenAll(takes).ContinueWith(static _ => { }, TaskScheduler.Default);
        var leases = takes.Where(take => take.IsCompletedSuccessfully).Select(take => take.Result).OfType<SlideLease>().ToArray();
        if (leases.Length == urls.Count) return leases;
        foreach (var lease in leases) lease.Dispose();
        await Task.WhenAll(takes); // Throws what one of them threw.
        return null;
    }

    /// <summary>The copy of an object that was opened from its URL, or null where there is none of that state of it. The server is not asked.</summary>
    public async Task<SlideLease?> FindAsync(string url, ByteSource opened, CancellationToken cancellationToken)
    {
        foreach (var copy in directory.Find(StagedObject.KeyOf(url)))
            if (copy.IsThatOf(opened) && await IsSoundAsync(copy, cancellationToken) && directory.Lease(copy) is { } lease) return lease;
        return null;
    }

    /// <summary>A copy of an object, fetched where there is none.</summary>
    /// <exception cref="SlideSourceException">It cannot be fetched or there is no room for it.</exception>
    /// <exception cref="SlideFormatException">It is empty.</exception>
    public async Task<SlideLease> StageAsync(string url, CancellationToken cancellationToken) =>
        await TakeAsync(url, fetch: true, cancellationToken)
        ?? throw new SlideSourceException(SlideSourceFailure.Unreachable, "The slide was staged and made way for others at once: the staging directory is too small for what is wanted of it (--staging-size).", isTransient: true);

    async Task<SlideLease?> TakeAsync(string url, bool fetch, CancellationToken cancellationToken)
    {
        var key = StagedObject.KeyOf(url);
        for (var i = 0; i < Tries; i++)
        {
            var staged = await work.RunAsync($"{url} {fetch}", stop => FindOrFetchAsync(url, key, fetch, stop), cancellationToken);
            if (staged is null) return null;
            if (directory.Lease(staged) is { } lease) return lease;
        }
        return null;
    }

    async Task<StagedObject?> FindOrFetchAsync(string url, string key, bool fetch, CancellationToken cancellationToken)
    {
        var copies = await SoundAsync(key, cancellationToken);
        if (copies.Count == 0 && !fetch) return null;
        var own = copies.Find(copy => directory.IsGranted(url, copy));
        // The copy outlives the URL that it was made for: that is what it is for.
        if (own is not null && PresignedUrl.ExpiryOf(url) < time.GetUtcNow()) return own;

        ByteSource source;
        try
        {
            source = await HttpSource.OpenAsync(url, Asking(patient: own is null && fetch), cancellationToken);
        }
        // A server that refuses a URL which has not expired says that whoever sent it may not have the object; the copy is no way around that.
        catch (SlideSourceException e) when (own is not null && e.HttpStatus is not (401 or 403))
        {
            return own;
        }
        // Whoever opens the slide by its URL is told the same, and more exactly.
        catch (SlideSourceException) when (own is null && !fetch)
        {
            return null;
        }
        await using (source)
        {
            // Several URLs of one object: the first fetches it, the others find its copy.
            using var turn = fetch ? await fetching.EnterAsync(key, cancellationToken) : null;
            if (turn is not null) copies = await SoundAsync(key, cancellationToken);
            var current = copies.Find(copy => copy.IsThatOf(source));
            if (current is null)
            {
                foreach (var other in copies) directory.Remove(other);
                if (!fetch) return null;
                current = await FetchAsync(source, key, cancellationToken);
            }
            directory.Grant(url, current);
            return current;
        }
    }

    async Task<List<StagedObject>> SoundAsync(string key, CancellationToken cancellationToken)
    {
        var copies = new List<StagedObject>();
        foreach (var copy in directory.Find(key))
            if (await IsSoundAsync(copy, cancellationToken)) copies.Add(copy);
        return copies;
    }

    SlideOptions Asking(bool patient) => patient
        ? http.Options with { Cache = passing, MinBytesPerSecond = Math.Max(LeastRate, http.Options.MinBytesPerSecond) }
        : http.Options with { Cache = passing, Retries = 0, RequestTimeout = ShortPatience, RateWindow = ShortPatience };

    async Task<StagedObject> FetchAsync(ByteSource source, string key, CancellationToken cancellationToken)
    {
        try
        {
            using var part = directory.CreatePart(source.Length);
            await using var written = new ChecksumStream(part, source.Length);
            await source.CopyToAsync(written, cancellationToken);
            if (written.Written != source.Length)
                throw new SlideSourceException(SlideSourceFailure.Truncated, $"Of a slide of {source.Length} bytes {written.Written} came.", isTransient: true);
            var staged = new StagedObject(key, source.Length, written.Checksum, StagedObject.VersionOf(source));
            // Not flushed to disk: what a power cut takes of it, the checksum tells.
            directory.Complete(part, staged);
            sound[staged.FileName] = true;
            return staged;
        }
        // The inner exception is left out on purpose: its message holds the file's name. Transient: another task may free its room.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideSourceException(
                SlideSourceFailure.Unreachable, $"The slide could not be written to the staging directory (error 0x{e.HResult:x}): its disk is full or fails.", isTransient: true);
        }
    }

    /// <summary>Whether a copy is what was fetched; one that is not is removed.</summary>
    async Task<bool> IsSoundAsync(StagedObject staged, CancellationToken cancellationToken)
    {
        using (var lease = directory.Lease(staged))
        {
            if (lease is not null && (sound.ContainsKey(staged.FileName) || await ChecksumAsync(lease.Path, cancellationToken) == staged.Checksum))
            {
                sound[staged.FileName] = true;
                return true;
            }
        }
        sound.TryRemove(staged.FileName, out _);
        directory.Remove(staged);
        return false;
    }

    static async Task<string?> ChecksumAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 });
            var hash = new XxHash128();
            await hash.AppendAsync(file, cancellationToken);
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose() => passing.Dispose();
}
