namespace Slidebridge.Classifiers;

/// <summary>A classifier's limits.</summary>
/// <param name="TaskTimeout">Maximum time for one task; null for no limit.</param>
/// <param name="StartTimeout">Maximum time until a program is ready.</param>
/// <param name="Memory">Maximum bytes of memory (resident) for a program and its child processes; null for no limit.</param>
/// <param name="Processes">Maximum tasks at a time; a program runs each in a separate process. Null: as many as the node classifies; for a program one, because its model may fill a GPU.</param>
/// <param name="Python">The interpreter of Python classifiers.</param>
/// <param name="Urls">A program receives the request's presigned URLs, so that it can fetch the slides itself.</param>
sealed record ClassifierLimits(TimeSpan? TaskTimeout, TimeSpan StartTimeout, long? Memory = null, int? Processes = null, string Python = "python3", bool Urls = false)
{
    /// <summary>The longest time of a timer; a longer limit is treated as no limit.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>Default: 90 minutes per task, as in the platform's own hosting.</summary>
    public ClassifierLimits() : this(TimeSpan.FromMinutes(90), TimeSpan.FromMinutes(5)) { }
}
