namespace Slidebridge.Tasks;

/// <summary>What the classifier wrote in the task's last run: its log and, for a program, its stderr. It may name patients, and is deleted with the result.</summary>
sealed class ClassifierLog
{
    public long TaskNumber { get; init; }

    /// <summary>Lines; only the last ones if there were too many.</summary>
    public required string Text { get; set; }
}
