namespace Slidebridge.Classifiers;

/// <summary>Which classifier runs, where, and how many tasks at a time.</summary>
/// <param name="Name">The classifier's name, as it was added.</param>
/// <param name="Concurrency">Tasks that are classified at a time; 1 or more.</param>
/// <param name="IsClusterWide">The concurrency holds for all nodes together, not for each.</param>
/// <param name="Group">The execution group whose nodes run it, such as <c>gpu</c>.</param>
sealed record ClassifierOptions(string Name, int Concurrency, bool IsClusterWide = false, string Group = "default");
