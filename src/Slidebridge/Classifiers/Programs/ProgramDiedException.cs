namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A program ended, or had to be ended, while it worked on a task. What ended it may pass; a task that it happens with again and again is set aside.
/// </summary>
/// <param name="message">One sentence for the operator, fit for a log.</param>
/// <param name="lastWords">The end of what it wrote to its error stream: stays with the task, for it may name a patient.</param>
sealed class ProgramDiedException(string message, OutputTail lastWords) : Exception(message)
{
    /// <summary>The last line of its error stream: of a Python traceback, the error.</summary>
    public string LastLine { get; } = lastWords.LastLine;

    /// <summary>The end of its error stream.</summary>
    public string LastWords { get; } = lastWords.ToString();
}

/// <summary>A program says that it cannot classify a task.</summary>
/// <param name="message">Its words: they stay with the task, for they may name a patient.</param>
/// <param name="mayPass">Whether trying again later may help, as it says.</param>
/// <param name="lastWords">The end of what it wrote to its error stream.</param>
sealed class ProgramFailedException(string message, bool mayPass, OutputTail lastWords) : Exception(message)
{
    public bool MayPass => mayPass;

    public string LastWords { get; } = lastWords.ToString();
}
