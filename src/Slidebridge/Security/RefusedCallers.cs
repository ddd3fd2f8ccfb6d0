using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Threading.RateLimiting;

namespace Slidebridge.Security;

/// <summary>
/// Calls with a wrong key or token are counted, logged and slowed. After the first few, each answer to a wrong call is delayed by a second; a call with the right secret is never slowed.
/// </summary>
sealed partial class RefusedCallers(ILogger<RefusedCallers> logger) : IDisposable
{
    /// <summary>Wrong calls from one address, or with one name, that are answered without delay, per minute.</summary>
    const int AtOnce = 10;

    /// <summary>Maximum delayed answers at the same time. Beyond that, a wrong call is answered at once: delaying more would cost the bridge more than the caller.</summary>
    const int MostHeldBack = 128;

    /// <summary>Maximum addresses that are counted separately for the log.</summary>
    const int MostAddresses = 10_000;

    static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    static readonly Meter Meter = new("Slidebridge");
    static readonly Counter<long> Refused = Meter.CreateCounter<long>("slidebridge.auth.failures", "{call}", "Calls with a wrong or missing webhook key or API token.");

    readonly PartitionedRateLimiter<string> quick = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetFixedWindowLimiter(address,
        _ => new FixedWindowRateLimiterOptions { PermitLimit = AtOnce, Window = TimeSpan.FromMinutes(1) }));

    readonly ConcurrentDictionary<string, int> counts = new();
    int heldBack;

    /// <summary>Counts a wrong call, and returns when it may be answered.</summary>
    /// <param name="context">The call.</param>
    /// <param name="what">What was wrong: <c>webhook key</c>.</param>
    /// <param name="name">Whose secret it claimed to be, or null. Many machines that try one name are slowed down together.</param>
    public async Task CountAsync(HttpContext context, string what, string? name = null)
    {
        Refused.Add(1, new KeyValuePair<string, object?>("what", what));
        var from = NetworkOf(context.Connection.RemoteIpAddress);
        if (counts.Count >= MostAddresses) counts.Clear();
        // Log the first, second, fourth, eighth and so on: many guesses must not fill the log.
        if (counts.AddOrUpdate(from, 1, (_, n) => n + 1) is var count && BitOperations.IsPow2(count))
            LogRefused(logger, from, what, count);
        using var lease = quick.AttemptAcquire(from);
        using var leaseOfName = quick.AttemptAcquire($"name {name}", name is null ? 0 : 1);
        if (lease.IsAcquired && leaseOfName.IsAcquired) return;
        try
        {
            if (Interlocked.Increment(ref heldBack) <= MostHeldBack) await Task.Delay(Wait, context.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref heldBack);
        }
    }

    /// <summary>The address, or for IPv6 its first 64 bits: one caller has all the others.</summary>
    static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "unknown";
        if (address.AddressFamily is not AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6 || IPAddress.IsLoopback(address)) return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    public void Dispose() => quick.Dispose();

    [LoggerMessage(310, LogLevel.Warning, "A call from {From} had a wrong or missing {What}: {Count} so far from this address")]
    static partial void LogRefused(ILogger logger, string from, string what, int count);
}
