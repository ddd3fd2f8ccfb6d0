namespace Slidebridge.Classifiers;

/// <summary>Which classifier runs, and how many tasks at a time.</summary>
/// <param name="Name">The classifier's name, as it was added.</param>
/// <param name="Concurrency">Tasks that are classified at a time in this process; 1 or more.</param>
sealed record ClassifierOptions(string Name, int Concurrency);
