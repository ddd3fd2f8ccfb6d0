namespace Slidebridge.Slides.Sources;

/// <summary>Tries again what failed for the moment: exponential backoff with jitter, or what the server's Retry-After asks.</summary>
static class Retry
{
    // Each costs a whole time-out; who waits for the slide has something better to do.
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

    // Half fixed, half random: a thousand tasks that failed together must not come back together.
    static TimeSpan Pause(int failures, TimeSpan? retryAfter, SlideOptions options)
    {
        var backoff = options.RetryDelay * Math.Pow(2, failures);
        var pause = backoff / 2 + backoff / 2 * Random.Shared.NextDouble();
        if (retryAfter > pause) pause = retryAfter.Value;
        return pause < options.MaxRetryDelay ? pause : options.MaxRetryDelay;
    }
}
