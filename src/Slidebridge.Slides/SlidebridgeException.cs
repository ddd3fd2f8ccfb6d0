namespace Slidebridge;

/// <summary>
/// The base class of failures that Slidebridge explains. <see cref="Exception.Message"/> is for the operator: one or two sentences that say what was
/// found, what was expected and what to do, without secrets.
/// </summary>
/// <param name="message">The sentences.</param>
/// <param name="innerException">The cause, if there is one.</param>
public abstract class SlidebridgeException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>True if the same attempt may succeed later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>What caused the failure; this decides how many times a transient failure is retried.</summary>
    public FailureOrigin Origin { get; protected init; }

    /// <summary>The text that may be written to a log: <see cref="Exception.Message"/>, unless that quotes a result or a classifier, which may contain a patient's name.</summary>
    public virtual string LogMessage => Message;

    /// <summary>Details of the cause that <see cref="Exception.Message"/> leaves out, for the person who repairs it; null if there are none. Do not log it.</summary>
    public virtual string? Cause => InnerException is { } inner ? $"{inner.GetType().Name}: {inner.Message}" : null;

    /// <summary>One sentence for the pathologist who waits for the result: what is missing, and what to do. It contains no host, no file and no value.</summary>
    public virtual string PlainMessage => "The analysis program failed on this case.";
}
