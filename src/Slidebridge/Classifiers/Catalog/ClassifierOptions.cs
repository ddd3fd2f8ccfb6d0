using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>Which classifiers run, for which tasks, where, and how many tasks at a time.</summary>
/// <param name="Defined">The classifiers that <c>slidebridge.json</c> defines.</param>
/// <param name="Routes">The rules that choose among them; the first that fits a task holds.</param>
/// <param name="Concurrency">Tasks that are classified at a time; 1 or more.</param>
/// <param name="IsClusterWide">The concurrency holds for all nodes together, not for each.</param>
/// <param name="Group">The execution group whose nodes run tasks, such as <c>gpu</c>, where no route names another.</param>
/// <param name="Limits">What a classifier may take where its definition says nothing else.</param>
/// <param name="Programs">How classifiers that are programs are started.</param>
sealed record ClassifierOptions(
    IReadOnlyList<ClassifierDefinition> Defined, IReadOnlyList<ClassifierRoute> Routes, int Concurrency, bool IsClusterWide = false, string Group = "default", ClassifierLimits? Limits = null, ProgramOptions? Programs = null)
{
    /// <summary>One classifier for every task.</summary>
    public ClassifierOptions(string classifier, int concurrency, bool isClusterWide = false, string group = "default", ClassifierLimits? limits = null)
        : this([], [new ClassifierRoute(classifier)], concurrency, isClusterWide, group, limits) { }

    /// <summary>What a classifier may take where its definition says nothing else.</summary>
    public ClassifierLimits Limits { get; } = Limits ?? new();

    /// <summary>How classifiers that are programs are started.</summary>
    public ProgramOptions Programs { get; init; } = Programs ?? new();

    /// <summary>What classifiers log goes to the node's log and to telemetry, too.</summary>
    public bool LogToNode { get; init; }

    /// <summary>How many tasks a classifier works on at a time; null for as many as the node does. A program has one process where nothing else is said.</summary>
    public int? ProcessesOf(string name)
    {
        var defined = Defined.FirstOrDefault(d => d.Name == name);
        return (defined?.Limits ?? Limits).Processes ?? (ClassifierKind.Of(defined?.Use ?? name, out _) is { IsProgram: true } ? 1 : null);
    }
}
