namespace Slidebridge.Tasks;

/// <summary>What a task's classifier wrote in its last run: its log and, of a program, its error stream. It may name patients, and goes with the result.</summary>
sealed class ClassifierLog
{
    public long TaskNumber { get; init; }

    /// <summary>Lines, the last ones where there were too many.</summary>
    public required string Text { get; set; }
}
