namespace Slidebridge.Sdk;

/// <summary>
/// A classifier cannot classify this task. The message goes to the operator: say what was found and what to do. With
/// <see cref="SlidebridgeException.IsTransient"/> the task is tried again later, as after a model server that was away; without, it fails at once.
/// </summary>
/// <param name="message">One sentence that a vendor's support person understands.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class ClassifierException(string message, Exception? innerException = null) : SlidebridgeException(message, innerException)
{
    /// <summary>Where in the classifier it was thrown, and what it came from: no words, which may name a patient.</summary>
    public override string LogMessage => $"the classifier cannot classify it{(InnerException is { } inner ? $" ({inner.GetType().Name})" : "")}{(Place is { } place ? $", thrown {place}" : "")}; the task's last error says why";

    string? Place => StackTrace?.Split('\n', 2)[0].Trim();

    /// <inheritdoc/>
    public override string PlainMessage => "The analysis program could not analyse this case.";
}
