namespace Slidebridge.Execution;

/// <summary>What a failure means for its task: from the properties of a <see cref="SlidebridgeException"/>, or made for any other exception of a classifier.</summary>
/// <param name="Message">One or two sentences for the operator, without secrets.</param>
/// <param name="LogMessage">The text for the log: without values of a result and words of a classifier.</param>
/// <param name="PlainMessage">One sentence for the pathologist.</param>
/// <param name="Cause">The exact cause of the message; null if the message says everything.</param>
/// <param name="Kind">The exception's name, for metrics.</param>
sealed record TaskFailure(string Message, string LogMessage, string PlainMessage, string? Cause, string Kind)
{
    /// <summary>Maximum characters of a cause that are stored.</summary>
    const int LongestCause = 4000;

    /// <inheritdoc cref="SlidebridgeException.IsTransient"/>
    public bool IsTransient { get; init; }

    /// <inheritdoc cref="SlidebridgeException.Origin"/>
    public FailureOrigin Origin { get; init; }

    public string? Cause { get; } = string.IsNullOrWhiteSpace(Cause) ? null : Cause.Length > LongestCause ? Cause[..LongestCause] + "…" : Cause;

    public static TaskFailure Of(Exception e) => e switch
    {
        SlidebridgeException known => new(known.Message, known.LogMessage, known.PlainMessage, known.Cause, e.GetType().Name) { IsTransient = known.IsTransient, Origin = known.Origin },
        AggregateException { InnerExceptions: [var only] } => Of(only),
        _ => new(
            $"The classifier failed with {e.GetType().Name}: {e.Message}", $"the classifier failed with {e.GetType().Name}{Environment.NewLine}{e.StackTrace}",
            "The analysis program failed on this case.", e.ToString(), e.GetType().Name),
    };
}
