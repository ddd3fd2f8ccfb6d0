namespace Slidebridge.Slides;

/// <summary>How a slide is opened and read. Checked by <see cref="Validate"/> when a slide opens.</summary>
public sealed record SlideOptions
{
    internal static readonly SlideOptions Default = new();

    /// <summary>The client for http(s) slides, such as one that refuses private addresses; it is not disposed. Null: a shared one.</summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Opens the bytes behind an http(s) address, for those that have them elsewhere too; null: <see cref="Sources.HttpSource.OpenAsync"/>.</summary>
    public Func<string, CancellationToken, Task<ByteSource>>? OpenUrl { get; init; }

    /// <summary>How long one attempt of one request may take. A whole-body download may take this long without a byte.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes a second that a server must send at least while a body is waited for, over each <see cref="RateWindow"/>; 0: no limit. A slower body is a transient failure.
    /// The time that the reader itself takes does not count.
    /// </summary>
    /// <remarks>8 KiB/s: a line of 2 Mbit/s that 32 requests share. A server that sends less blocks whoever reads.</remarks>
    public int MinBytesPerSecond { get; init; } = 8 * 1024;

    /// <summary>The time over which <see cref="MinBytesPerSecond"/> is measured; so long a body may also take to begin.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a transient failure is tried again.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The first pause before a retry; it doubles each time, with jitter, unless the server's Retry-After asks for more.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause before a retry, whatever Retry-After asks.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes in a cached block of an HTTP slide; the first request asks for two.</summary>
    /// <remarks>16 KiB: a tile, or a directory with what follows it. Measured on a 300 MB pyramid, larger blocks read more at opening and save no request.</remarks>
    public int BlockSize { get; init; } = 16 * 1024;

    /// <summary>Where blocks of HTTP slides are kept; null for <see cref="BlockCache.Shared"/>. Not disposed with the slide.</summary>
    public BlockCache? Cache { get; init; }

    /// <summary>Bytes of one merged request at most.</summary>
    public int MaxRequestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The largest slide kept in a temporary file: when a server ignores Range, when a zip's entry is unpacked, or when a format is read through OpenSlide.</summary>
    public long MaxDownloadBytes { get; init; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Pixels of the largest region or associated image for which memory is taken.</summary>
    public long MaxRegionPixels { get; init; } = 256L * 1024 * 1024;

    /// <summary>Tiles that are fetched and decoded at the same time. 0: by the source and the number of cores.</summary>
    public int Concurrency { get; init; }

    /// <summary>The <see cref="Slides.OpticalPath.Identifier"/> of the optical path that is read; null for the first.</summary>
    public string? OpticalPath { get; init; }

    /// <summary>The <see cref="Slides.FocalPlane.Index"/> of the focal plane that is read.</summary>
    public int FocalPlane { get; init; }

    /// <summary>The size of a level-0 pixel, for a slide that does not say it, or says it wrongly; null for what the slide says.</summary>
    public MicronsPerPixel? Mpp { get; init; }

    /// <summary>Every <see cref="TileGrid"/> of this slide may ask for more than twice the detail that it has, as <see cref="TileGrid.AllowUpsampling"/> lets one.</summary>
    public bool AllowUpsampling { get; init; }

    /// <summary>Told how far a remote slide, or one in a zip, has been copied to disk, where its format is read through OpenSlide. Null: nobody is told.</summary>
    public IProgress<StagingProgress>? Staging { get; init; }

    /// <summary>Where temporary files are made; null: the system's folder for them.</summary>
    public string? TemporaryDirectory { get; init; }

    /// <summary>Bytes that temporary files leave free on their disk. A copy that would take more fails for now.</summary>
    public long MinFreeBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Told the bytes of each piece that is written to a temporary file, for those who limit how long an opening takes. Null: nobody is told.</summary>
    public IProgress<long>? Copied { get; init; }

    /// <summary>The clock of timeouts and pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the setting and its range.</exception>
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
        Check(Cache is null || Cache.MemoryBytes >= BlockSize, nameof(Cache), Cache?.MemoryBytes ?? 0, "of at least one block in memory");
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
