namespace Slidebridge.Slides.Sources;

/// <summary>The time that one attempt has, on the options' clock, together with the caller's own token.</summary>
sealed class Deadline : IDisposable
{
    readonly CancellationTokenSource timeout;
    readonly CancellationTokenSource either;
    readonly TimeSpan patience;

    public Deadline(SlideOptions options, CancellationToken cancellationToken)
    {
        patience = options.RequestTimeout;
        timeout = new CancellationTokenSource(patience, options.TimeProvider);
        either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
    }

    public CancellationToken Token => either.Token;

    /// <summary>Starts the time anew: something came.</summary>
    public void Extend() => timeout.CancelAfter(patience);

    public void Dispose()
    {
        either.Dispose();
        timeout.Dispose();
    }
}
