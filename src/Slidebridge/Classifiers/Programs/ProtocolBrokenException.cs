namespace Slidebridge.Classifiers.Programs;

/// <summary>A program does not keep to the protocol.</summary>
/// <param name="what">What it did, fit for a log.</param>
/// <param name="words">What follows with the program's own words: it stays with the task, for it may name a patient.</param>
sealed class ProtocolBrokenException(string what, string words = "") : SlidebridgeException(what + words)
{
    public override string LogMessage { get; } = words.Length > 0 ? $"{what}; the task's last error quotes it." : what;

    public override string PlainMessage => "The analysis program could not analyse this case.";
}
