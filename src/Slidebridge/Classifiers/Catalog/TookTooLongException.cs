using Slidebridge.Units;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier did not end within the time that it may take for a task. Trying again takes as long.</summary>
/// <param name="classifier">The classifier's name.</param>
/// <param name="limit">The time that it may take.</param>
sealed class TookTooLongException(string classifier, TimeSpan limit) : SlidebridgeException($"The classifier {classifier} took longer than {Duration.Text(limit)} (--task-timeout).")
{
    public override string PlainMessage => "The analysis program took too long on this case.";
}
