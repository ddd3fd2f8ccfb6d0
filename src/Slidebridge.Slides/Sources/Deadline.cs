namespace Slidebridge.Slides.Sources;

/// <summary>
/// The time that one attempt has, on the options' clock, together with the caller's own token:
/// 1. the answer must begin within <see cref="SlideOptions.RequestTimeout"/>;
/// 2. its body must come at <see cref="SlideOptions.MinBytesPerSecond"/>, window by window. Only the time in which the body is waited for counts, for a reader may be slow itself.
/// </summary>
sealed class Deadline : IDisposable
{
    readonly SlideOptions options;
    readonly CancellationTokenSource timeout;
    readonly CancellationTokenSource either;
    TimeSpan waited;
    long received, waitingSince;

    public Deadline(SlideOptions options, CancellationToken cancellationToken)
    {
        this.options = options;
        timeout = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
    }

    public CancellationToken Token => either.Token;

    /// <summary>The answer has begun, and its body is read.</summary>
    public bool IsInBody { get; private set; }

    /// <summary>Bytes that a window must bring at least.</summary>
    public long Least => (long)(options.MinBytesPerSecond * options.RateWindow.TotalSeconds);

    /// <summary>Bytes that the present window has brought.</summary>
    public long Received => received;

    /// <summary>The body is waited for.</summary>
    public void Wait()
    {
        IsInBody = true;
        waitingSince = options.TimeProvider.GetTimestamp();
        timeout.CancelAfter(Left());
    }

    /// <summary>Something came, or the body has ended. The reader has all the time in the world.</summary>
    public void Got(int bytes)
    {
        timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        waited += options.TimeProvider.GetElapsedTime(waitingSince);
        received += bytes;
        if (waited < options.RateWindow) return;
        // A window in which enough came is over; in one that did not bring it, the token has fired or is about to.
        if (received >= Least) (waited, received) = (TimeSpan.Zero, 0);
    }

    /// <summary>The next wait may take so long until the rate is certainly too low.</summary>
    TimeSpan Left()
    {
        if (options.MinBytesPerSecond == 0) return options.RequestTimeout;
        var left = options.RateWindow - waited;
        if (received >= Least) left += options.RateWindow;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < options.RequestTimeout ? left : options.RequestTimeout;
    }

    public void Dispose()
    {
        either.Dispose();
        timeout.Dispose();
    }
}
