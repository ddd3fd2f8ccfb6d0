namespace Slidebridge.Sdk;

/// <summary>
/// A classifier cannot classify this task. The message is for the operator: say what was found and what to do. If
/// <see cref="SlidebridgeException.IsTransient"/> is true, the task is retried later, for example because a model server was unavailable; otherwise it fails immediately.
/// </summary>
/// <param name="message">One sentence that a vendor's support person understands.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class ClassifierException(string message, Exception? innerException = null) : SlidebridgeException(message, innerException)
{
    /// <summary>The place in the classifier that threw, and the type of the cause. It contains no message text, which may contain a patient's name.</summary>
    public override string LogMessage => $"the classifier cannot classify the task{(InnerException is { } inner ? $" ({inner.GetType().Name})" : "")}{(Place is { } place ? $", thrown {place}" : "")}; see the task's last error";

    string? Place => StackTrace?.Split('\n', 2)[0].Trim();

    /// <inheritdoc/>
    public override string PlainMessage => "The analysis program could not analyse this case.";
}
