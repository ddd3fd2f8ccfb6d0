namespace Slidebridge.Sdk;

/// <summary>A classifier cannot classify this task. The message goes to the operator: say what was found and what to do.</summary>
public sealed class ClassifierException : Exception
{
    /// <summary>A failure with one sentence that a vendor's support person understands.</summary>
    public ClassifierException(string message) : base(message) { }

    /// <summary>Trying again later may succeed, as after a model server that was away. Without it the task fails at once.</summary>
    public bool MayPass { get; init; }

    /// <summary>A failure with its cause.</summary>
    public ClassifierException(string message, Exception? innerException) : base(message, innerException) { }
}
