using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// How many requests a host is sent at the same time, of all slides together. It starts low and follows what the host gives: one more for every round
/// of answers that begin, in the mean, about as soon as they did when it was calm; a little fewer when they take longer to begin; half when it says that it is too much.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle was never asked for holds nothing to dispose.")]
sealed class HostLimit(TimeProvider time)
{
    const int First = 8, Fewest = 2;

    /// <summary>No host is sent more: beyond this, one link is full or one server is annoyed.</summary>
    public const int Most = 32;

    // Answers that begin, in the mean, within twice the calm time and this did not have to wait in a queue.
    static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(5);

    // Answers of an object store differ by a factor of ten among themselves: the mean of this many tells a queue from chance.
    const int Recent = 32;

    // A route may have become longer for good: the calm time follows the mean, but so slowly that a queue that we make ourselves does not count as calm.
    static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    // One overload makes many refusals at once; they halve once.
    static readonly TimeSpan HalvingPause = TimeSpan.FromSeconds(1);

    static readonly ConcurrentDictionary<string, HostLimit> Hosts = new(StringComparer.OrdinalIgnoreCase);

    // Hosts come from outside: the list must not grow with them.
    const int MostHosts = 256;

    // A request that has brought less than this in such a time gives its turn to another: it waits, or crawls, and keeps no line busy.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    const long LeastInPatience = 48 * 1024;

    // The objects that were stuck last: their next requests take turns among themselves, so that those of other objects find one.
    const int StuckAtOnce = 4, MostStuck = 1024;

    readonly SemaphoreSlim places = new(First), stuckPlaces = new(StuckAtOnce);
    readonly ConcurrentDictionary<string, byte> stuck = [];
    readonly Lock gate = new();
    double allowed = First;
    int given = First;
    TimeSpan mean, calm;
    long halved, answered;

    /// <summary>Requests that may be under way now.</summary>
    public int Allowed
    {
        get
        {
            lock (gate) return (int)allowed;
        }
    }

    /// <summary>The limit of a host, shared by all who ask on the same clock.</summary>
    public static HostLimit Of(string host, TimeProvider time)
    {
        if (time != TimeProvider.System) return new HostLimit(time);
        if (Hosts.Count >= MostHosts && !Hosts.ContainsKey(host)) Hosts.Clear();
        return Hosts.GetOrAdd(host, _ => new HostLimit(time));
    }

    /// <summary>Waits for a place; disposing the turn gives it back, and so does a request that is stuck.</summary>
    /// <param name="path">Which of the host's objects is asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn> EnterAsync(string path, CancellationToken cancellationToken)
    {
        var among = stuck.ContainsKey(path) ? stuckPlaces : places;
        await among.WaitAsync(cancellationToken);
        return new Turn(this, path, among);
    }

    public long Now => time.GetTimestamp();

    /// <summary>An answer began.</summary>
    /// <param name="sent"><see cref="Now"/> when its request was sent.</param>
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
            // Only who uses all that he has shows that more would be taken.
            else if (places.CurrentCount == 0) allowed = Math.Min(Most, allowed + 1 / allowed);
        }
    }

    /// <summary>The host said that it cannot keep up (429, 503).</summary>
    public void Overloaded() => Halve(Fewest);

    /// <summary>A request got no answer in time. It may be one object that is stuck: the host's others keep as many places as at the start.</summary>
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

    // Another place is given for a limit that has grown; of one that has shrunk the place is kept.
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

    /// <summary>A place that a request has. Giving it back twice is giving it back once.</summary>
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

        /// <summary>So many bytes came.</summary>
        public void Got(int bytes) => Interlocked.Add(ref received, bytes);

        /// <summary>The whole answer came.</summary>
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
