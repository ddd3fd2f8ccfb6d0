namespace Slidebridge.Classifiers.Programs;

/// <summary>A program says that it cannot classify a task.</summary>
/// <param name="message">Its words: they stay with the task, for they may name a patient.</param>
/// <param name="lastWords">The end of what it wrote to its error stream.</param>
sealed class ProgramFailedException(string message, OutputTail lastWords) : SlidebridgeException($"The program cannot classify this task: {message}")
{
    /// <summary>Of a Python program, the kind of its exception and the line: no words that may name a patient.</summary>
    public override string LogMessage { get; } = $"the program cannot classify it{(PythonTraceback.Find(lastWords.ToString()) is { } where ? $" ({where})" : "")}; the task's last error says why";

    /// <summary>The end of its error stream, where it wrote there.</summary>
    public override string? Cause { get; } = lastWords.ToString() is { Length: > 0 } words ? words : null;

    public override string PlainMessage => "The analysis program could not analyse this case.";
}
