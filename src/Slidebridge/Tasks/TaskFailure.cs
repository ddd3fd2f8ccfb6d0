using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Tasks;

/// <summary>What a failure means for its task.</summary>
/// <param name="Message">One sentence for the operator, without secrets.</param>
/// <param name="MayPass">Trying again later may succeed.</param>
/// <param name="IsUnexpected">The stack trace is worth a look.</param>
sealed record TaskFailure(string Message, bool MayPass, bool IsUnexpected)
{
    public static TaskFailure Of(Exception e) => e switch
    {
        SlideSourceException source => new(source.Message, source.IsTransient, false),
        SlideFormatException or ClassifierException or InvalidResultsException => new(e.Message, false, false),
        AggregateException { InnerExceptions: [var only] } => Of(only),
        _ => new($"The classifier failed with {e.GetType().Name}: {e.Message}", false, true),
    };
}
