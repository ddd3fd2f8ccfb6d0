using System.Threading.RateLimiting;

namespace Slidebridge.Workers;

/// <summary>Slows down a worker that asks for tasks without waiting for the answers.</summary>
sealed class WorkerPace : IDisposable
{
    /// <summary>Calls at once, and calls per second after that: more than any worker needs whose tasks take a tenth of a second.</summary>
    const int Burst = 100, PerSecond = 50;

    readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetTokenBucketLimiter(name, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = Burst,
        TokensPerPeriod = PerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    }));

    public bool TryAsk(string name)
    {
        using var lease = limiter.AttemptAcquire(name);
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
