namespace Slidebridge.Execution;

/// <summary>The time limit for opening slides. A format that must be copied whole takes longer for a larger slide: each copied byte adds the time that a slow connection needs for it.</summary>
sealed class OpeningClock(TimeSpan limit, TimeProvider time) : IProgress<long>
{
    /// <summary>Bytes per second that count as progress: a connection of 2 Mbit/s. A slower copy runs out of time.</summary>
    const double GoodRate = 256 * 1024;

    readonly long begun = time.GetTimestamp();
    long copied;

    /// <summary>The remaining time; zero or less if it is over.</summary>
    public TimeSpan Left => limit + TimeSpan.FromSeconds(Interlocked.Read(ref copied) / GoodRate) - time.GetElapsedTime(begun);

    public void Report(long value) => Interlocked.Add(ref copied, value);
}
