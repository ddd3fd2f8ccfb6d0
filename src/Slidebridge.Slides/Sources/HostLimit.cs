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

    readonly SemaphoreSlim places = new(First);
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

    /// <summary>Waits for a place; disposing the turn gives it back.</summary>
    public async Task<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        return new Turn(this);
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

    /// <summary>The host said that it cannot keep up (429, 503), or did not answer in time.</summary>
    public void Overloaded()
    {
        lock (gate)
        {
            if (halved != 0 && time.GetElapsedTime(halved) < HalvingPause) return;
            halved = time.GetTimestamp();
            allowed = Math.Max(Fewest, allowed / 2);
        }
    }

    // Another place is given for a limit that has grown; of one that has shrunk the place is kept.
    void Leave()
    {
        int places;
        lock (gate)
        {
            var wanted = (int)allowed;
            places = given > wanted ? 0 : given < wanted ? 2 : 1;
            given += places - 1;
        }
        if (places > 0) this.places.Release(places);
    }

    /// <summary>A place that a request has. Giving it back twice is giving it back once.</summary>
    public sealed class Turn(HostLimit limit) : IDisposable
    {
        bool ended;

        public void Dispose()
        {
            if (ended) return;
            ended = true;
            limit.Leave();
        }
    }
}
