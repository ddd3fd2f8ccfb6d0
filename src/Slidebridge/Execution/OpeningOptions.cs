namespace Slidebridge.Execution;

/// <summary>How long the slides of a task may take to open.</summary>
/// <param name="Timeout">The time limit for all slides of a task. Bytes that are copied meanwhile, at a good rate, add to it.</param>
sealed record OpeningOptions(TimeSpan Timeout)
{
    public OpeningOptions() : this(TimeSpan.FromSeconds(20)) { }
}
