using System.Collections.Concurrent;
using System.IO.Hashing;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Staging;

/// <summary>
/// Whole slides on disk, for tasks whose URLs will have expired when it is their turn: docs/decisions/staging.md. Taking an object goes like this:
/// 1. is there a copy? its length is looked at each time, its checksum once in the life of a process;
/// 2. is it still what lies at the URL? The server says so by length and ETag, as long as the URL is good;
/// 3. where not, the object is fetched, once for all who want it, and appears in the directory by a rename.
/// </summary>
sealed class StagedSlides(StagingOptions options, StagingDirectory directory, SlideHttp http, TimeProvider time) : IDisposable
{
    /// <summary>A copy may be evicted between being found and being taken into use; then it is looked for again.</summary>
    const int Tries = 3;

    /// <summary>Of a copy, the server is asked in passing whether it is current: no answer is answer enough.</summary>
    static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(5);

    // Fetched objects pass through it with their first block only; what tasks read is elsewhere.
    readonly SlideCache passing = new(memoryBytes: 1 << 20);
    readonly SharedWork<StagedObject?> work = new();
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
        ?? throw new SlideSourceException(SlideSourceFailure.Unreachable, "The slide was staged and made way for others at once: the slide cache is too small for what is wanted of it (--cache-size).", isTransient: true);

    async Task<SlideLease?> TakeAsync(string url, bool fetch, CancellationToken cancellationToken)
    {
        var key = StagedObject.KeyOf(url);
        for (var i = 0; i < Tries; i++)
        {
            var staged = await work.RunAsync($"{key} {fetch}", stop => FindOrFetchAsync(url, key, fetch, stop), cancellationToken);
            if (staged is null) return null;
            if (directory.Lease(staged) is { } lease) return lease;
        }
        return null;
    }

    async Task<StagedObject?> FindOrFetchAsync(string url, string key, bool fetch, CancellationToken cancellationToken)
    {
        var copies = new List<StagedObject>();
        foreach (var copy in directory.Find(key))
            if (await IsSoundAsync(copy, cancellationToken)) copies.Add(copy);
        if (copies.Count == 0 && !fetch) return null;
        // The copy outlives its URL: that is what it is for.
        if (copies.Count > 0 && PresignedUrl.ExpiryOf(url) < time.GetUtcNow()) return copies[0];

        ByteSource source;
        try
        {
            source = await HttpSource.OpenAsync(url, Asking(patient: copies.Count == 0), cancellationToken);
        }
        // A server that refuses a URL which has not expired says that whoever sent it may not have the object; the copy is no way around that.
        catch (SlideSourceException e) when (copies.Count > 0 && e.HttpStatus is not (401 or 403))
        {
            return copies[0];
        }
        await using (source)
        {
            if (copies.Find(copy => copy.IsThatOf(source)) is { } current) return current;
            foreach (var other in copies) directory.Remove(other);
            return fetch ? await FetchAsync(source, key, cancellationToken) : null;
        }
    }

    SlideOptions Asking(bool patient) => patient
        ? http.Options with { Cache = passing }
        : http.Options with { Cache = passing, Retries = 0, RequestTimeout = ShortPatience };

    async Task<StagedObject> FetchAsync(ByteSource source, string key, CancellationToken cancellationToken)
    {
        FileStream? part = null;
        try
        {
            part = directory.CreatePart(source.Length);
            await using var written = new ChecksumStream(part);
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
                SlideSourceFailure.Unreachable, $"The slide could not be written to the slide cache (error 0x{e.HResult:x}): its disk is full or fails.", isTransient: true);
        }
        finally
        {
            if (part is not null) StagingDirectory.Discard(part);
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
