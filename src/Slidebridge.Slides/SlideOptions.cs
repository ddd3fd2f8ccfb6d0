namespace Slidebridge.Slides;

/// <summary>Options for opening and reading a slide. <see cref="Validate"/> checks them when a slide opens.</summary>
public sealed record SlideOptions
{
    internal static readonly SlideOptions Default = new();

    /// <summary>The client for http(s) slides, such as one that refuses private addresses; it is not disposed. Null: a shared client.</summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Opens the bytes of an http(s) address, for a caller that may have a copy of them; null: <see cref="Sources.HttpSource.OpenAsync"/>.</summary>
    public Func<string, CancellationToken, Task<ByteSource>>? OpenUrl { get; init; }

    /// <summary>Time limit of one attempt of one request. A whole-body download may pause this long without a byte.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Minimum bytes per second that a server must send, measured over each <see cref="RateWindow"/>; 0: no limit. A slower body is a transient failure.
    /// Only the time in which the reader waits for the body counts.
    /// </summary>
    /// <remarks>8 KiB/s: a line of 2 Mbit/s that 32 requests share. A slower server would block its readers.</remarks>
    public int MinBytesPerSecond { get; init; } = 8 * 1024;

    /// <summary>The time over which <see cref="MinBytesPerSecond"/> is measured. A body must also begin within this time.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum retries of a transient failure.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The pause before the first retry. It doubles each time, with jitter, unless the server's Retry-After is longer.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause before a retry, even if Retry-After is longer.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of a cached block of an HTTP slide. The first request fetches two blocks.</summary>
    /// <remarks>16 KiB: a tile, or a directory with its values. Measured on a 300 MB pyramid, larger blocks read more at opening and save no request.</remarks>
    public int BlockSize { get; init; } = 16 * 1024;

    /// <summary>The cache for blocks of HTTP slides; null for <see cref="BlockCache.Shared"/>. Not disposed with the slide.</summary>
    public BlockCache? Cache { get; init; }

    /// <summary>Maximum bytes of one merged request.</summary>
    public int MaxRequestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum bytes of a slide that is kept in a temporary file: if a server ignores Range, if a zip's entry is unpacked, or if a format is read through OpenSlide.</summary>
    public long MaxDownloadBytes { get; init; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Maximum pixels of a region or associated image.</summary>
    public long MaxRegionPixels { get; init; } = 256L * 1024 * 1024;

    /// <summary>Tiles that are fetched and decoded at the same time. 0: chosen from the source and the number of cores.</summary>
    public int Concurrency { get; init; }

    /// <summary>The <see cref="Slides.OpticalPath.Identifier"/> of the optical path to read; null for the first.</summary>
    public string? OpticalPath { get; init; }

    /// <summary>The <see cref="Slides.FocalPlane.Index"/> of the focal plane to read.</summary>
    public int FocalPlane { get; init; }

    /// <summary>The size of a level-0 pixel, for a slide that does not state it, or states a wrong one; null for the slide's own.</summary>
    public MicronsPerPixel? Mpp { get; init; }

    /// <summary>Allows every <see cref="TileGrid"/> of this slide to request more than twice its detail, like <see cref="TileGrid.AllowUpsampling"/> for one grid.</summary>
    public bool AllowUpsampling { get; init; }

    /// <summary>
    /// True: the pixels of the associated images <c>label</c> and <c>macro</c>, which may show a patient's name, are never fetched: reading one throws. Opening then needs about twice as many requests,
    /// because only bytes of a known meaning are fetched. Does not apply to slides that are read through OpenSlide, or from a server that ignores Range; <see cref="Slide.Objects"/> says what was fetched.
    /// </summary>
    public bool WithholdLabels { get; init; }

    /// <summary>Receives the progress while a remote slide, or one in a zip, is copied to disk because its format is read through OpenSlide. Null: no reports.</summary>
    public IProgress<StagingProgress>? Staging { get; init; }

    /// <summary>The folder for temporary files; null: the system's.</summary>
    public string? TemporaryDirectory { get; init; }

    /// <summary>Bytes that temporary files leave free on their disk. A copy that would use them is a transient failure.</summary>
    public long MinFreeBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Receives the bytes of each piece that is written to a temporary file, for callers that limit the time of opening. Null: no reports.</summary>
    public IProgress<long>? Copied { get; init; }

    /// <summary>The clock for timeouts and pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws if a setting is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    public void Validate()
    {
        Check(RequestTimeout > TimeSpan.Zero && RequestTimeout <= TimeSpan.FromHours(1), nameof(RequestTimeout), RequestTimeout, "above zero, at most one hour");
        Check(MinBytesPerSecond >= 0, nameof(MinBytesPerSecond), MinBytesPerSecond, "zero or more");
        Check(RateWindow > TimeSpan.Zero && RateWindow <= TimeSpan.FromHours(1), nameof(RateWindow), RateWindow, "above zero, at most one hour");
        Check(MinFreeBytes >= 0, nameof(MinFreeBytes), MinFreeBytes, "zero or more");
        Check(Retries is >= 0 and <= 20, nameof(Retries), Retries, "0 to 20");
        Check(RetryDelay >= TimeSpan.Zero && RetryDelay <= MaxRetryDelay, nameof(RetryDelay), RetryDelay, "zero to MaxRetryDelay");
        Check(MaxRetryDelay <= TimeSpan.FromMinutes(10), nameof(MaxRetryDelay), MaxRetryDelay, "at most ten minutes");
        Check(BlockSize is >= 1024 and <= 4 * 1024 * 1024, nameof(BlockSize), BlockSize, "1 KiB to 4 MiB");
        Check(Cache is null || Cache.MemoryBytes >= BlockSize, nameof(Cache), Cache?.MemoryBytes ?? 0, "a cache with at least one block in memory");
        Check(MaxRequestBytes >= BlockSize && MaxRequestBytes <= 256 * 1024 * 1024, nameof(MaxRequestBytes), MaxRequestBytes, "one block to 256 MiB");
        Check(MaxDownloadBytes >= 0, nameof(MaxDownloadBytes), MaxDownloadBytes, "zero or more");
        Check(MaxRegionPixels is >= 1 and <= 500L * 1024 * 1024, nameof(MaxRegionPixels), MaxRegionPixels, "1 to 500 Mi pixels");
        Check(FocalPlane >= 0, nameof(FocalPlane), FocalPlane, "zero or more");
        Check(Mpp is null or { X: > 0 and < 10000, Y: > 0 and < 10000 }, nameof(Mpp), Mpp ?? default, "above 0 and below 10000 µm");
        Check(Concurrency is >= 0 and <= 256, nameof(Concurrency), Concurrency, "0 to 256");
    }

    static void Check(bool holds, string setting, object found, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(setting, found, $"SlideOptions.{setting} must be {expected}.");
    }
}
