namespace Slidebridge.Classifiers.Programs;

/// <summary>A program says that it cannot classify a task.</summary>
/// <param name="message">Its words: they stay with the task, for they may name a patient.</param>
/// <param name="lastWords">The end of what it wrote to its error stream.</param>
sealed class ProgramFailedException(string message, OutputTail lastWords) : SlidebridgeException($"The program cannot classify this task: {message}")
{
    public override string LogMessage => "the program cannot classify it; the task's last error says why";

    /// <summary>The end of its error stream.</summary>
    public override string Cause { get; } = lastWords.ToString();

    public override string PlainMessage => "The analysis program could not analyse this case.";
}
