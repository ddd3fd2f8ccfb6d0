namespace Slidebridge.Execution;

/// <summary>How long the slides of a task may take to open.</summary>
/// <param name="Timeout">The time for all slides of a task. What is copied whole meanwhile, at a good rate, adds to it.</param>
sealed record OpeningOptions(TimeSpan Timeout)
{
    public OpeningOptions() : this(TimeSpan.FromSeconds(20)) { }
}
