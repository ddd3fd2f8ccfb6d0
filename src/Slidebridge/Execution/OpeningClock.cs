namespace Slidebridge.Execution;

/// <summary>The time that an opening has. A format that must be copied whole takes longer the larger the slide is: what has been copied adds the time that a slow line takes for it.</summary>
sealed class OpeningClock(TimeSpan limit, TimeProvider time) : IProgress<long>
{
    /// <summary>Bytes a second at which a copy is taken for progress: a line of 2 Mbit/s. What comes slower runs out of time.</summary>
    const double GoodRate = 256 * 1024;

    readonly long begun = time.GetTimestamp();
    long copied;

    /// <summary>What is left; zero or less where it is over.</summary>
    public TimeSpan Left => limit + TimeSpan.FromSeconds(Interlocked.Read(ref copied) / GoodRate) - time.GetElapsedTime(begun);

    public void Report(long value) => Interlocked.Add(ref copied, value);
}
