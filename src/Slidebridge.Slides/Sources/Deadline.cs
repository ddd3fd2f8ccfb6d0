namespace Slidebridge.Slides.Sources;

/// <summary>
/// The time limit of one attempt, on the options' clock, combined with the caller's own token:
/// 1. the answer must begin within <see cref="SlideOptions.RequestTimeout"/>;
/// 2. its body must arrive at <see cref="SlideOptions.MinBytesPerSecond"/>, window by window. Only the time in which the reader waits for the body counts, because the reader may be slow itself.
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

    /// <summary>True after the answer has begun, while its body is read.</summary>
    public bool IsInBody { get; private set; }

    /// <summary>Minimum bytes in a window.</summary>
    public long Least => (long)(options.MinBytesPerSecond * options.RateWindow.TotalSeconds);

    /// <summary>Bytes received in the current window.</summary>
    public long Received => received;

    /// <summary>Call when the reader starts to wait for the body.</summary>
    public void Wait()
    {
        IsInBody = true;
        waitingSince = options.TimeProvider.GetTimestamp();
        timeout.CancelAfter(Left());
    }

    /// <summary>Call when bytes have arrived, or the body has ended. The reader's own time is not limited.</summary>
    public void Got(int bytes)
    {
        timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        waited += options.TimeProvider.GetElapsedTime(waitingSince);
        received += bytes;
        if (waited < options.RateWindow) return;
        // A window with enough bytes is over. In a window with too few, the token has fired or will fire soon.
        if (received >= Least) (waited, received) = (TimeSpan.Zero, 0);
    }

    /// <summary>The longest time that the next wait may take before the rate is certainly too low.</summary>
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
