using System.Threading.RateLimiting;
using Slidebridge.Storage;

namespace Slidebridge.Verification;

/// <param name="Rate">Maximum webhooks per second from one address, and for one company; for all together twice that. 0: no limit.</param>
/// <param name="MostUnverified">Maximum webhooks that wait to be verified; for one address or company half of that. 0: no limit.</param>
/// <param name="MostWaiting">Maximum verified tasks that wait to run. 0: no limit.</param>
sealed record WebhookLimitOptions(int Rate, int MostUnverified, int MostWaiting)
{
    /// <summary>Maximum bytes of memory and disk for claims that nobody has confirmed yet.</summary>
    public const long MostUnverifiedBytes = 64L << 20;

    /// <summary>Maximum bytes of bodies that are being read, for all callers together; for one address half of that.</summary>
    public const long MostBeingRead = 64L << 20;
}

/// <summary>
/// How many webhooks this node accepts before the platform has confirmed them. Within the limits, a webhook is answered at once; beyond them, the platform is asked first, so that
/// unconfirmed webhooks never cause the refusal of one that the platform confirms.
/// </summary>
sealed class WebhookLimits(WebhookLimitOptions options, TimeProvider time) : IDisposable
{
    sealed class Held
    {
        public int Count;
        public long Bytes;
    }

    /// <summary>Maximum webhooks that ask the platform before they are answered, and maximum that wait to ask. Lower limits for one address, so that one sender cannot block the others.</summary>
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

    /// <summary>The claims that hold a place, and since when.</summary>
    readonly Dictionary<(long Number, long? Request), (string Address, string? Company, int Bytes, long At)> places = [];
    readonly Dictionary<string, long> beingRead = [];
    readonly Lock gate = new();

    /// <summary>Counts a webhook against the rate limits of its address.</summary>
    public bool IsTooFast(string address) => !Acquire("address " + address) || !Acquire(""); // The address first: a webhook that its limit refuses does not use up the limit of all.

    /// <summary>Counts a webhook against the rate limit of the company that it names.</summary>
    public bool IsCompanyTooFast(string? company) => company is not null && !Acquire("company " + company);

    /// <summary>Reserves memory for a part of a body, until <see cref="LetGo"/>; false if too many bytes are being read.</summary>
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

    /// <summary>Releases the memory of a body that was read, or whose reading failed.</summary>
    public void LetGo(string address, long bytes)
    {
        lock (gate)
        {
            beingRead[""] = beingRead.GetValueOrDefault("") - bytes;
            if ((beingRead[address] = beingRead.GetValueOrDefault(address) - bytes) <= 0) beingRead.Remove(address);
        }
    }

    /// <summary>Reserves a place among the claims that wait to be verified; false if there is none. The caller must then call <see cref="Keep"/> or <see cref="Leave(string, string?, int)"/>.</summary>
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

    /// <summary>Assigns the place that <see cref="TryEnter"/> reserved to this claim, until the claim is confirmed or refused.</summary>
    public void Keep(PendingCheck check, string? company, int bytes)
    {
        lock (gate) places[(check.Number, check.Request)] = (check.From, company, bytes, time.GetTimestamp());
    }

    /// <summary>Frees the place of a claim that was confirmed or refused.</summary>
    public void Leave(long number, long? request)
    {
        lock (gate)
            if (places.Remove((number, request), out var place)) Leave(place.Address, place.Company, place.Bytes);
    }

    /// <summary>Claims that hold a place for longer than this: another node may have confirmed or refused them.</summary>
    public IReadOnlyList<(long Number, long? Request)> OlderThan(TimeSpan age)
    {
        lock (gate) return [.. places.Where(p => time.GetElapsedTime(p.Value.At) > age).Select(p => p.Key)];
    }

    /// <summary>Frees the place that <see cref="TryEnter"/> reserved.</summary>
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

    /// <summary>Waits for a free request and asks the platform, before a webhook is answered. False if too many already wait.</summary>
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
