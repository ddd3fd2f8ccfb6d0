using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Tasks;

/// <summary>What a failure means for its task.</summary>
/// <param name="Message">One sentence for the operator, without secrets.</param>
/// <param name="MayPass">Trying again later may succeed.</param>
/// <param name="IsUnexpected">The stack trace is worth a look.</param>
/// <param name="ForLog">The message without values of the result: those may be a patient's, and stay with the task.</param>
sealed record TaskFailure(string Message, bool MayPass, bool IsUnexpected, string ForLog)
{
    public static TaskFailure Of(Exception e) => e switch
    {
        SlideSourceException source => new(source.Message, source.IsTransient, false, source.Message),
        SlideFormatException or ClassifierException => new(e.Message, false, false, e.Message),
        InvalidResultsException invalid => new(invalid.Message, false, false, $"the result breaks the platform's rules at {string.Join(", ", invalid.Problems.Take(5).Select(p => p.Path))}; the task's last error tells more"),
        AggregateException { InnerExceptions: [var only] } => Of(only),
        _ => new($"The classifier failed with {e.GetType().Name}: {e.Message}", false, true, $"the classifier failed with {e.GetType().Name}"),
    };
}
