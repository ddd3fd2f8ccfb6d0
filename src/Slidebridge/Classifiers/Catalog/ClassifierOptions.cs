using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>Which classifiers run, for which tasks, on which nodes, and how many tasks at a time.</summary>
/// <param name="Defined">The classifiers that <c>slidebridge.json</c> defines.</param>
/// <param name="Routes">The rules that choose a task's classifier; the first that matches is used.</param>
/// <param name="Concurrency">Maximum tasks that are classified at a time; 1 or more.</param>
/// <param name="IsClusterWide">The concurrency is a limit for all nodes together, not for each.</param>
/// <param name="Group">The execution group whose nodes run tasks, such as <c>gpu</c>, if the task's route names no other.</param>
/// <param name="Limits">The limits of a classifier whose definition sets none.</param>
/// <param name="Programs">How program classifiers are started.</param>
sealed record ClassifierOptions(
    IReadOnlyList<ClassifierDefinition> Defined, IReadOnlyList<ClassifierRoute> Routes, int Concurrency, bool IsClusterWide = false, string Group = "default", ClassifierLimits? Limits = null, ProgramOptions? Programs = null)
{
    /// <summary>One classifier for every task.</summary>
    public ClassifierOptions(string classifier, int concurrency, bool isClusterWide = false, string group = "default", ClassifierLimits? limits = null)
        : this([], [new ClassifierRoute(classifier)], concurrency, isClusterWide, group, limits) { }

    /// <summary>The limits of a classifier whose definition sets none.</summary>
    public ClassifierLimits Limits { get; } = Limits ?? new();

    /// <summary>How program classifiers are started.</summary>
    public ProgramOptions Programs { get; init; } = Programs ?? new();

    /// <summary>Classifiers' log lines also go to the node's log and to telemetry.</summary>
    public bool LogToNode { get; init; }

    /// <summary>Maximum tasks that shadow classifiers work on at a time on this node, besides all others.</summary>
    public int ShadowConcurrency { get; init; } = 1;

    /// <summary>Where a classifier runs, if it does not run on the bridge's nodes.</summary>
    public WorkerUse? WorkerOf(string? classifier) => Defined.FirstOrDefault(d => d.Name == classifier)?.Worker;

    /// <summary>The execution groups whose tasks workers elsewhere take.</summary>
    public IEnumerable<string> WorkerGroups => Defined.Select(d => d.Worker?.Group).OfType<string>().Distinct();

    /// <summary>Maximum tasks that this node classifies at a time: program classifiers may have fewer processes than <see cref="Concurrency"/>.</summary>
    public int AtATime => IsClusterWide ? Concurrency : Math.Min(Concurrency, Routes.Select(r => r.Classifier).Distinct().Sum(name => ProcessesOf(name) ?? Concurrency));

    /// <summary>Maximum tasks that a classifier works on at a time; null for as many as the node. By default, a program has one process.</summary>
    public int? ProcessesOf(string name)
    {
        var defined = Defined.FirstOrDefault(d => d.Name == name);
        return (defined?.Limits ?? Limits).Processes ?? (ClassifierKind.Of(defined?.Use ?? name, out _) is { IsProgram: true } ? 1 : null);
    }
}
