using System.Collections.Concurrent;
using System.IO.Hashing;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Staging;

/// <summary>
/// Copies of whole slides on disk, for tasks whose URLs will have expired when the task runs: docs/decisions/staging.md. How an object is taken:
/// 1. Is there a copy? Its length is checked each time, its checksum once per process.
/// 2. Does the URL give access to the copy? The store must have answered exactly this URL successfully, now or before: a URL that has expired, or is refused, gives no access by itself.
/// 3. Is the copy still the object at the URL? The server's length and ETag show that, while the URL is valid.
/// 4. If not, the object is downloaded, once for all callers, and appears in the directory by a rename.
/// </summary>
sealed class StagedSlides(StagingOptions options, StagingDirectory directory, SlideHttp http, TimeProvider time) : IDisposable
{
    /// <summary>A copy may be evicted between being found and being opened; then it is looked up again, this many times.</summary>
    const int Tries = 3;

    /// <summary>Longer than a task may run.</summary>
    static readonly TimeSpan BegunAreKept = TimeSpan.FromDays(1);

    /// <summary>If there is a copy, the server is only asked whether the copy is current; without an answer within this time, the copy is used.</summary>
    static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(5);

    /// <summary>Minimum bytes per second for each of a copy's two requests; a slower request is stopped.</summary>
    const int LeastRate = 64 * 1024;

    // Only the first block of downloaded objects passes through it; tasks read elsewhere.
    readonly BlockCache passing = new(memoryBytes: 1 << 20);
    readonly SharedWork<StagedObject?> work = new();
    readonly OneAtATime fetching = new();
    readonly ConcurrentDictionary<string, bool> sound = [];
    readonly ConcurrentDictionary<string, DateTimeOffset> begun = [];

    /// <summary>Whether staging is enabled.</summary>
    public bool IsOn => options.Budget > 0;

    /// <summary>Whether the whole object is copied here, is being copied, or was copied within the last day: what the ledger of a task must know.</summary>
    public bool HasCopied(string url) => StagedObject.KeyOf(url) is var key && (begun.ContainsKey(key) || directory.Find(key).Count > 0);

    /// <summary>A copy of every object, or null if not all have one. Nothing is downloaded.</summary>
    public async Task<IReadOnlyList<SlideLease>?> FindAllAsync(IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        if (urls.Any(url => directory.Find(StagedObject.KeyOf(url)).Count == 0)) return null;
        var takes = urls.Select(url => TakeAsync(url, fetch: false, cancellationToken)).ToArray();
        await Task.WhenAll(takes).ContinueWith(static _ => { }, TaskScheduler.Default);
        var leases = takes.Where(take => take.IsCompletedSuccessfully).Select(take => take.Result).OfType<SlideLease>().ToArray();
        if (leases.Length == urls.Count) return leases;
        foreach (var lease in leases) lease.Dispose();
        await Task.WhenAll(takes); // Throws the exception of the first that failed.
        return null;
    }

    /// <summary>The copy of an object that was opened from its URL, or null if there is no copy of that version. The server is not asked.</summary>
    public async Task<SlideLease?> FindAsync(string url, ByteSource opened, CancellationToken cancellationToken)
    {
        foreach (var copy in directory.Find(StagedObject.KeyOf(url)))
            if (copy.IsThatOf(opened) && await IsSoundAsync(copy, cancellationToken) && directory.Lease(copy) is { } lease) return lease;
        return null;
    }

    /// <summary>A copy of an object, downloaded if there is none.</summary>
    /// <exception cref="SlideSourceException">The object cannot be downloaded, or there is no room for it.</exception>
    /// <exception cref="SlideFormatException">The object is empty.</exception>
    public async Task<SlideLease> StageAsync(string url, CancellationToken cancellationToken) =>
        await TakeAsync(url, fetch: true, cancellationToken)
        ?? throw new SlideSourceException(SlideSourceFailure.Unreachable, "The slide was evicted right after copying: the staging directory is too small (--staging-size).", isTransient: true);

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
        // The copy remains after the URL has expired: that is its purpose.
        if (own is not null && PresignedUrl.ExpiryOf(url) < time.GetUtcNow()) return own;

        ByteSource source;
        try
        {
            source = await HttpSource.OpenAsync(url, Asking(patient: own is null && fetch), cancellationToken);
        }
        // If a server refuses a URL that has not expired, its sender may not have the object; the copy must not be a way around that.
        catch (SlideSourceException e) when (own is not null && e.HttpStatus is not (401 or 403))
        {
            return own;
        }
        // Opening the slide by its URL gives the same error, with more detail.
        catch (SlideSourceException) when (own is null && !fetch)
        {
            return null;
        }
        await using (source)
        {
            // Several URLs of one object: the first one downloads it, the others find its copy.
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
        foreach (var (old, at) in begun.Where(each => time.GetUtcNow() - each.Value > BegunAreKept)) begun.TryRemove(new(old, at));
        begun[key] = time.GetUtcNow();
        try
        {
            using var part = directory.CreatePart(source.Length);
            await using var written = new ChecksumStream(part, source.Length);
            await source.CopyToAsync(written, cancellationToken);
            if (written.Written != source.Length)
                throw new SlideSourceException(SlideSourceFailure.Truncated, $"The server sent only {written.Written} of the slide's {source.Length} bytes.", isTransient: true);
            var staged = new StagedObject(key, source.Length, written.Checksum, StagedObject.VersionOf(source));
            // Not flushed to disk: the checksum detects what a power failure destroys.
            directory.Complete(part, staged);
            sound[staged.FileName] = true;
            return staged;
        }
        // No inner exception: its message contains the file's name. Transient: another task may free its room.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideSourceException(
                SlideSourceFailure.Unreachable, $"The slide could not be written to the staging directory (error 0x{e.HResult:x}): its disk is full or defective.", isTransient: true);
        }
    }

    /// <summary>Whether a copy still has its checksum; a damaged copy is deleted.</summary>
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
