namespace Slidebridge.Classifiers.Programs;

/// <summary>A program reports that it cannot classify a task.</summary>
/// <param name="message">The program's words: stored with the task only, because they may name a patient.</param>
/// <param name="lastWords">The end of the program's stderr.</param>
sealed class ProgramFailedException(string message, OutputTail lastWords) : SlidebridgeException($"The program cannot classify this task: {message}")
{
    /// <summary>For a Python program, the kind of its exception and the line, without words that may name a patient.</summary>
    public override string LogMessage { get; } = $"the program cannot classify the task{(PythonTraceback.Find(lastWords.ToString()) is { } where ? $" ({where})" : "")}; the task's last error says why";

    /// <summary>The end of the program's stderr, if it wrote any.</summary>
    public override string? Cause { get; } = lastWords.ToString() is { Length: > 0 } words ? words : null;

    public override string PlainMessage => "The analysis program could not analyse this case.";
}
