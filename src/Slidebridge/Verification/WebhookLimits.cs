using System.Threading.RateLimiting;
using Slidebridge.Storage;

namespace Slidebridge.Verification;

/// <param name="Rate">Webhooks a second of one address, and of one company; of all together twice that. 0: no limit.</param>
/// <param name="MostUnverified">Webhooks that wait to be verified, in all; of one address or company half of that. 0: no limit.</param>
/// <param name="MostWaiting">Verified tasks that wait for their turn. 0: no limit.</param>
sealed record WebhookLimitOptions(int Rate, int MostUnverified, int MostWaiting)
{
    /// <summary>Memory and disk that claims may take before anybody has confirmed them.</summary>
    public const long MostUnverifiedBytes = 64L << 20;

    /// <summary>Bytes of bodies that are being read, of all callers together; of one address half of that.</summary>
    public const long MostBeingRead = 64L << 20;
}

/// <summary>
/// How many webhooks this node takes before the platform has confirmed them. Within the limits a webhook is answered at once; beyond, the platform is asked first, so that
/// what it confirms is never refused for what it does not.
/// </summary>
sealed class WebhookLimits(WebhookLimitOptions options, TimeProvider time) : IDisposable
{
    sealed class Held
    {
        public int Count;
        public long Bytes;
    }

    /// <summary>Webhooks that ask the platform before they are answered, at a time; and those that wait for that. Of one address fewer, so that it is in nobody's way.</summary>
    const int AskingAtOnce = 4, WaitingToAsk = 64, AskingOfOne = 3, WaitingOfOne = 32;

    readonly PartitionedRateLimiter<string> rates = options.Rate == 0 ? PartitionedRateLimiter.Create<string, string>(_ => RateLimitPartition.GetNoLimiter(""))
        : PartitionedRateLimiter.Create<string, string>(of => RateLimitPartition.GetTokenBucketLimiter(of, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = of.Length == 0 ? options.Rate * 4 : options.Rate * 2,
            TokensPerPeriod = Math.Max(1, (of.Length == 0 ? options.Rate * 2 : options.Rate) / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(options.Rate < 10 ? 1000 / options.Rate : 100),
            AutoReplenishment = true,
        }));

    readonly ConcurrencyLimiter asking = new(new ConcurrencyLimiterOptions { PermitLimit = AskingAtOnce, QueueLimit = WaitingToAsk });
    readonly PartitionedRateLimiter<string> askingOfOne = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetConcurrencyLimiter(address, _ => new ConcurrencyLimiterOptions { PermitLimit = AskingOfOne, QueueLimit = WaitingOfOne }));

    readonly Dictionary<string, Held> unverified = [];

    /// <summary>The claims that have a place, and since when.</summary>
    readonly Dictionary<(long Number, long? Request), (string Address, string? Company, int Bytes, long At)> places = [];
    readonly Dictionary<string, long> beingRead = [];
    readonly Lock gate = new();

    /// <summary>Counts a webhook against the rates of its address.</summary>
    public bool IsTooFast(string address) => !Acquire("address " + address) || !Acquire(""); // In this order: what is refused to one takes nothing from the others.

    /// <summary>Counts a webhook against the rate of the company that it names.</summary>
    public bool IsCompanyTooFast(string? company) => company is not null && !Acquire("company " + company);

    /// <summary>Memory for a part of a body, until <see cref="LetGo"/>; false where too much is being read.</summary>
    public bool TryHold(string address, long bytes)
    {
        lock (gate)
        {
            var (all, own) = (beingRead.GetValueOrDefault("") + bytes, beingRead.GetValueOrDefault(address) + bytes);
            if (all > WebhookLimitOptions.MostBeingRead || own > WebhookLimitOptions.MostBeingRead / 2) return false;
            (beingRead[""], beingRead[address]) = (all, own);
            return true;
        }
    }

    /// <summary>A body was read, or is not read any more.</summary>
    public void LetGo(string address, long bytes)
    {
        lock (gate)
        {
            beingRead[""] = beingRead.GetValueOrDefault("") - bytes;
            if ((beingRead[address] = beingRead.GetValueOrDefault(address) - bytes) <= 0) beingRead.Remove(address);
        }
    }

    /// <summary>A place among the claims that wait to be verified; false where there is none. <see cref="Keep"/> or <see cref="Leave(string, string?, int)"/> follows.</summary>
    public bool TryEnter(string address, string? company, int bytes)
    {
        if (options.MostUnverified == 0) return true;
        lock (gate)
        {
            if (Keys(address, company).Any(key => !HasRoom(key, bytes))) return false;
            foreach (var key in Keys(address, company))
            {
                if (!unverified.TryGetValue(key, out var held)) unverified[key] = held = new();
                held.Count++;
                held.Bytes += bytes;
            }
            return true;
        }
    }

    /// <summary>The place that <see cref="TryEnter"/> took is this claim's until it is decided.</summary>
    public void Keep(PendingCheck check, string? company, int bytes)
    {
        lock (gate) places[(check.Number, check.Request)] = (check.From, company, bytes, time.GetTimestamp());
    }

    /// <summary>A claim is decided: its place is free.</summary>
    public void Leave(long number, long? request)
    {
        lock (gate)
            if (places.Remove((number, request), out var place)) Leave(place.Address, place.Company, place.Bytes);
    }

    /// <summary>Claims that have had a place for longer than this: another node may have decided them.</summary>
    public IReadOnlyList<(long Number, long? Request)> OlderThan(TimeSpan age)
    {
        lock (gate) return [.. places.Where(p => time.GetElapsedTime(p.Value.At) > age).Select(p => p.Key)];
    }

    /// <summary>What <see cref="TryEnter"/> took.</summary>
    public void Leave(string address, string? company, int bytes)
    {
        if (options.MostUnverified == 0) return;
        lock (gate)
        {
            foreach (var key in Keys(address, company))
            {
                if (!unverified.TryGetValue(key, out var held)) continue;
                held.Count--;
                held.Bytes -= bytes;
                if (held.Count <= 0) unverified.Remove(key);
            }
        }
    }

    /// <summary>Asks the platform before a webhook is answered, when it is its turn. False where too many wait for one.</summary>
    public async Task<bool> AskAsync(string address, Func<Task<bool>> ask, CancellationToken cancellationToken)
    {
        using var own = await askingOfOne.AcquireAsync(address, 1, cancellationToken);
        if (!own.IsAcquired) return false;
        using var turn = await asking.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired && await ask();
    }

    public void Dispose()
    {
        rates.Dispose();
        asking.Dispose();
        askingOfOne.Dispose();
    }

    bool Acquire(string of)
    {
        using var lease = rates.AttemptAcquire(of);
        return lease.IsAcquired;
    }

    static IEnumerable<string> Keys(string address, string? company) => string.IsNullOrEmpty(company) ? ["", "address " + address] : ["", "address " + address, "company " + company];

    bool HasRoom(string key, int bytes)
    {
        var share = key.Length == 0 ? 1 : 2;
        return !unverified.TryGetValue(key, out var held)
            || (held.Count < Math.Max(1, options.MostUnverified / share) && held.Bytes + bytes <= WebhookLimitOptions.MostUnverifiedBytes / share);
    }
}
