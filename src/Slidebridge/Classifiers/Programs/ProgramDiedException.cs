namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A program ended, or had to be ended, while it worked on a task. What ended it may pass; a task that it happens with again and again is set aside.
/// </summary>
sealed class ProgramDiedException : SlidebridgeException
{
    /// <param name="what">What happened, in one sentence that is fit for a log.</param>
    /// <param name="lastWords">The end of what it wrote to its error stream: stays with the task, for it may name a patient.</param>
    public ProgramDiedException(string what, OutputTail lastWords) : base(lastWords.LastLine is { Length: > 0 } line ? $"{what} It last wrote: {line}" : what)
    {
        (LogMessage, Cause) = (what, lastWords.ToString());
        (IsTransient, Origin) = (true, FailureOrigin.Process);
    }

    public override string LogMessage { get; }

    /// <summary>The end of its error stream.</summary>
    public override string Cause { get; }

    public override string PlainMessage => "The analysis program broke down on this case, several times.";
}
