using Slidebridge.Units;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier exceeded its time limit for a task. A retry would take as long.</summary>
/// <param name="classifier">The classifier's name.</param>
/// <param name="limit">The time limit.</param>
sealed class TookTooLongException(string classifier, TimeSpan limit) : SlidebridgeException($"The classifier {classifier} took longer than {Duration.Text(limit)} (--task-timeout).")
{
    public override string PlainMessage => "The analysis program took too long on this case.";
}
