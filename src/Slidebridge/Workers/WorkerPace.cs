using System.Threading.RateLimiting;

namespace Slidebridge.Workers;

/// <summary>Slows down a worker that asks for tasks without waiting for the answers, and a token whose workers do so under many names.</summary>
sealed class WorkerPace : IDisposable
{
    /// <summary>A worker's calls at once, and per second after that: more than any worker needs whose tasks take a tenth of a second.</summary>
    const int Burst = 100, PerSecond = 50;

    /// <summary>The same for all workers of one token: a fleet of some hundred workers that start together.</summary>
    const int BurstOfToken = 2000, PerSecondOfToken = 500;

    readonly PartitionedRateLimiter<(string Token, string Worker)> limiter = PartitionedRateLimiter.CreateChained(
        Limiter(caller => caller.Token, BurstOfToken, PerSecondOfToken), Limiter(caller => $"{caller.Token} {caller.Worker}", Burst, PerSecond));

    static PartitionedRateLimiter<(string Token, string Worker)> Limiter(Func<(string Token, string Worker), string> key, int burst, int perSecond) =>
        PartitionedRateLimiter.Create<(string Token, string Worker), string>(caller => RateLimitPartition.GetTokenBucketLimiter(key(caller), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <param name="token">The name of the token that the worker shows.</param>
    /// <param name="worker">The worker's name.</param>
    public bool TryAsk(string token, string worker)
    {
        using var lease = limiter.AttemptAcquire((token, worker));
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
