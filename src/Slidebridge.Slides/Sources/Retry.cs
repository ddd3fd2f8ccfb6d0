namespace Slidebridge.Slides.Sources;

/// <summary>Retries transient failures: with exponential backoff and jitter, or after the server's Retry-After.</summary>
static class Retry
{
    // Maximum retries after a stalled attempt: each attempt may cost a whole timeout, and the caller waits for it.
    const int MostStalls = 1;

    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, SlideOptions options, CancellationToken cancellationToken)
    {
        for (int failures = 0, stalls = 0; ; failures++)
        {
            TimeSpan pause;
            try
            {
                return await attempt(cancellationToken);
            }
            catch (SlideSourceException e) when (e.IsTransient && failures < options.Retries && (!e.IsStalled || stalls++ < MostStalls))
            {
                pause = Pause(failures, e.RetryAfter, options);
            }
            await Task.Delay(pause, options.TimeProvider, cancellationToken);
        }
    }

    // Half fixed, half random: a thousand tasks that failed together must not retry together.
    static TimeSpan Pause(int failures, TimeSpan? retryAfter, SlideOptions options)
    {
        var backoff = options.RetryDelay * Math.Pow(2, failures);
        var pause = backoff / 2 + backoff / 2 * Random.Shared.NextDouble();
        if (retryAfter > pause) pause = retryAfter.Value;
        return pause < options.MaxRetryDelay ? pause : options.MaxRetryDelay;
    }
}
