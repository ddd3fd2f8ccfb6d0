namespace Slidebridge;

/// <summary>
/// The base of the failures that Slidebridge explains. <see cref="Exception.Message"/> is for whoever operates the program: one or two sentences that say what was
/// found, what was expected and what to do, without secrets.
/// </summary>
/// <param name="message">The sentences.</param>
/// <param name="innerException">The cause, where there is one.</param>
public abstract class SlidebridgeException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>True when the same attempt may succeed later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Where the failure comes from, which decides how often a transient one is tried again.</summary>
    public FailureOrigin Origin { get; protected init; }

    /// <summary>What may be written to a log: <see cref="Exception.Message"/>, unless that quotes a result or a classifier, which may name a patient.</summary>
    public virtual string LogMessage => Message;

    /// <summary>The exact cause below <see cref="Exception.Message"/>, for whoever repairs it; null where the message says everything. Not for a log.</summary>
    public virtual string? Cause => InnerException is { } inner ? $"{inner.GetType().Name}: {inner.Message}" : null;

    /// <summary>One sentence for the pathologist who waits for the result: what is missing, and what helps. It names no host, no file and no value.</summary>
    public virtual string PlainMessage => "The analysis program failed on this case.";
}
