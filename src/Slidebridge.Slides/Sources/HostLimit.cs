using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Limits the concurrent requests to a host, for all slides together. The limit starts low and adapts: it grows by one for every round
/// of answers whose mean time to the first byte is about as short as when the host was calm; it shrinks a little when that time is longer; it halves when the host reports an overload.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose if its wait handle is never used.")]
sealed class HostLimit(TimeProvider time)
{
    const int First = 8, Fewest = 2;

    /// <summary>The upper bound of the limit: with more requests, one link is full or one server is overloaded.</summary>
    public const int Most = 56;

    // Answers whose mean time to begin is within twice the calm time plus this margin did not have to wait in a queue.
    static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(5);

    // The answers of an object store differ from each other by a factor of ten: the mean of this many distinguishes a queue from chance.
    const int Recent = 32;

    // A route may have become permanently longer: the calm time follows the mean, but so slowly that a queue that we cause ourselves does not count as calm.
    static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    // One overload causes many refusals at once; together they halve the limit only once.
    static readonly TimeSpan HalvingPause = TimeSpan.FromSeconds(1);

    static readonly ConcurrentDictionary<string, HostLimit> Hosts = new(StringComparer.OrdinalIgnoreCase);

    // Host names come from outside: the list must not grow without limit.
    const int MostHosts = 256;

    // A request that has received fewer bytes than this in such a time releases its permit: it waits or is very slow, and hardly uses the line.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    const long LeastInPatience = 48 * 1024;

    // The objects that stalled last: their next requests share a few permits, so that requests for other objects find free ones.
    const int StuckAtOnce = 4, MostStuck = 1024;

    readonly SemaphoreSlim places = new(First), stuckPlaces = new(StuckAtOnce);
    readonly ConcurrentDictionary<string, byte> stuck = [];
    readonly Lock gate = new();
    double allowed = First;
    int given = First;
    TimeSpan mean, calm;
    long halved, answered;

    /// <summary>The requests that may be in flight now.</summary>
    public int Allowed
    {
        get
        {
            lock (gate) return (int)allowed;
        }
    }

    /// <summary>The limit of a host, shared by all callers with the same clock.</summary>
    public static HostLimit Of(string host, TimeProvider time)
    {
        if (time != TimeProvider.System) return new HostLimit(time);
        if (Hosts.Count >= MostHosts && !Hosts.ContainsKey(host)) Hosts.Clear();
        return Hosts.GetOrAdd(host, _ => new HostLimit(time));
    }

    /// <summary>Waits for a permit. Disposing the turn releases the permit; so does a request that stalls.</summary>
    /// <param name="path">The host's object that is requested.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn> EnterAsync(string path, CancellationToken cancellationToken)
    {
        var among = stuck.ContainsKey(path) ? stuckPlaces : places;
        await among.WaitAsync(cancellationToken);
        return new Turn(this, path, among);
    }

    public long Now => time.GetTimestamp();

    /// <summary>Call when an answer has begun.</summary>
    /// <param name="sent">The value of <see cref="Now"/> when the request was sent.</param>
    public void Answered(long sent)
    {
        var took = time.GetElapsedTime(sent);
        lock (gate)
        {
            mean = mean == default ? took : mean + (took - mean) / Recent;
            var since = answered == 0 ? TimeSpan.Zero : time.GetElapsedTime(answered);
            answered = time.GetTimestamp();
            calm = calm == default || mean < calm ? mean : calm + (mean - calm) * Math.Min(1, since / Forgotten);
            if (mean > calm * 2 + Jitter) allowed = Math.Max(Fewest, allowed - 1 / allowed);
            // The limit grows only while all permits are in use: only then do the answers show that the host could take more.
            else if (places.CurrentCount == 0) allowed = Math.Min(Most, allowed + 1 / allowed);
        }
    }

    /// <summary>Call when the host reports an overload (429, 503).</summary>
    public void Overloaded() => Halve(Fewest);

    /// <summary>Call when a request got no answer in time. Perhaps only one object is stalled: the host's other objects keep as many permits as at the start.</summary>
    public void TimedOut() => Halve(First);

    void Halve(int fewest)
    {
        lock (gate)
        {
            if (halved != 0 && time.GetElapsedTime(halved) < HalvingPause) return;
            halved = time.GetTimestamp();
            allowed = Math.Min(allowed, Math.Max(fewest, allowed / 2));
        }
    }

    // If the limit has grown, one more permit is released; if it has shrunk, the permit is kept.
    void Leave(SemaphoreSlim among)
    {
        if (among == stuckPlaces)
        {
            stuckPlaces.Release();
            return;
        }
        int places;
        lock (gate)
        {
            var wanted = (int)allowed;
            places = given > wanted ? 0 : given < wanted ? 2 : 1;
            given += places - 1;
        }
        if (places > 0) this.places.Release(places);
    }

    ITimer Every(TimeSpan period, Action look) => time.CreateTimer(_ => look(), null, period, period);

    void Remember(string path)
    {
        if (stuck.Count >= MostStuck) stuck.Clear();
        stuck[path] = 0;
    }

    /// <summary>The permit of a request. Releasing it twice has no further effect.</summary>
    public sealed class Turn : IDisposable
    {
        readonly HostLimit limit;
        readonly string path;
        readonly SemaphoreSlim among;
        readonly ITimer timer;
        long received;
        int ended;

        public Turn(HostLimit limit, string path, SemaphoreSlim among)
        {
            (this.limit, this.path, this.among) = (limit, path, among);
            timer = limit.Every(Patience, Look);
        }

        /// <summary>Call when bytes have arrived.</summary>
        public void Got(int bytes) => Interlocked.Add(ref received, bytes);

        /// <summary>Call when the whole answer has arrived.</summary>
        public void Done() => limit.stuck.TryRemove(path, out _);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) != 0) return;
            timer.Dispose();
            limit.Leave(among);
        }

        void Look()
        {
            if (Interlocked.Exchange(ref received, 0) >= LeastInPatience || Volatile.Read(ref ended) != 0) return;
            limit.Remember(path);
            Dispose();
        }
    }
}
