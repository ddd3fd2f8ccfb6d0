namespace Slidebridge.Tasks;

/// <summary>The wait between two attempts: doubled after each failure, up to a maximum, with jitter so that many tasks do not return together.</summary>
/// <param name="First">The wait after the first failure.</param>
/// <param name="Longest">The longest wait.</param>
sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The wait after <paramref name="failures"/> failures in a row (1 or more): a random time between half of the doubled wait and all of it.</summary>
    /// <param name="asked">A wait that the server asked for (<c>Retry-After</c>); the result is never shorter.</param>
    public TimeSpan Wait(int failures, TimeSpan? asked = null)
    {
        var bounded = Longest * Math.Min(1, First / Longest * Math.Pow(2, Math.Min(failures - 1, 30)));
        var spread = bounded * (0.5 + Random.Shared.NextDouble() / 2);
        return asked is { } least && least > spread ? least + First * Random.Shared.NextDouble() : spread;
    }
}
