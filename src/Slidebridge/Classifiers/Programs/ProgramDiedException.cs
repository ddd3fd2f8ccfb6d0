namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A program ended, or was killed, while it worked on a task. The reason may be transient; if it happens again and again with one task, the task is marked failed.
/// </summary>
sealed class ProgramDiedException : SlidebridgeException
{
    /// <param name="what">What happened, in one sentence that may be logged.</param>
    /// <param name="lastWords">The end of the program's stderr: stored with the task only, because it may name a patient.</param>
    public ProgramDiedException(string what, OutputTail lastWords) : base(lastWords.LastLine is { Length: > 0 } line ? $"{what} The program's last output was: {line}" : what)
    {
        (LogMessage, Cause) = (what, lastWords.ToString());
        (IsTransient, Origin) = (true, FailureOrigin.Process);
    }

    public override string LogMessage { get; }

    /// <summary>The end of the program's stderr.</summary>
    public override string Cause { get; }

    public override string PlainMessage => "The analysis program crashed several times on this case.";
}
