namespace Slidebridge.Sdk;

/// <summary>A classifier cannot classify this task. The message goes to the operator: say what was found and what to do.</summary>
public sealed class ClassifierException : Exception
{
    /// <summary>A failure with one sentence that a vendor's support person understands.</summary>
    public ClassifierException(string message) : base(message) { }

    /// <summary>A failure with its cause.</summary>
    public ClassifierException(string message, Exception? innerException) : base(message, innerException) { }
}
