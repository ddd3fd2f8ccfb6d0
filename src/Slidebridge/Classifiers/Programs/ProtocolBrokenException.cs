namespace Slidebridge.Classifiers.Programs;

/// <summary>A program broke the protocol.</summary>
/// <param name="what">What it did; may be logged.</param>
/// <param name="words">The rest of the sentence, with the program's words: stored with the task only, because they may name a patient.</param>
sealed class ProtocolBrokenException(string what, string words = "") : SlidebridgeException(what + words)
{
    public override string LogMessage { get; } = words.Length > 0 ? $"{what}; the task's last error quotes it." : what;

    public override string PlainMessage => "The analysis program could not analyse this case.";
}
