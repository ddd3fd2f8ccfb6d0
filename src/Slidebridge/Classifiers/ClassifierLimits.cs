namespace Slidebridge.Classifiers;

/// <summary>What a classifier may take.</summary>
/// <param name="TaskTimeout">How long one task may take; null for no limit.</param>
/// <param name="StartTimeout">How long a program may take until it is ready.</param>
/// <param name="Memory">Bytes that a program and what it started may hold in memory (resident); null for no limit.</param>
/// <param name="Processes">Tasks it works on at a time, each in a process of its own where it is a program. Null: as many as the node classifies; of a program one, for its model may fill a GPU.</param>
/// <param name="Python">The interpreter of Python classifiers.</param>
/// <param name="Urls">A program is told the request's presigned URLs, by which it can fetch the slides itself.</param>
sealed record ClassifierLimits(TimeSpan? TaskTimeout, TimeSpan StartTimeout, long? Memory = null, int? Processes = null, string Python = "python3", bool Urls = false)
{
    /// <summary>What a timer can wait for; a longer time is as good as for ever.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>The platform's own hosting gives a task 90 minutes.</summary>
    public ClassifierLimits() : this(TimeSpan.FromMinutes(90), TimeSpan.FromMinutes(5)) { }
}
