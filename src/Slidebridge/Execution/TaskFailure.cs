using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;
using Slidebridge.Storage;

namespace Slidebridge.Execution;

/// <summary>What a failure means for its task.</summary>
/// <param name="Message">One sentence for the operator, without secrets.</param>
/// <param name="MayPass">Trying again later may succeed.</param>
/// <param name="Plain">One sentence for the pathologist: what cannot be had, and what helps. No host, no name, no value.</param>
/// <param name="ForLog">The message without values of the result: those may be a patient's, and stay with the task.</param>
/// <param name="Cause">The exact cause below the message, for whoever mends it; null where the message says all.</param>
sealed record TaskFailure(string Message, bool MayPass, string Plain, string ForLog, string? Cause = null)
{
    public static TaskFailure Of(Exception e) => e switch
    {
        SlideSourceException { Failure: SlideSourceFailure.Forbidden } source => new(source.Message, source.IsTransient,
            "The link to the slide had expired, or does not allow it to be read. Ask for the analysis again.", source.Message, CauseOf(source)),
        SlideSourceException source => new(source.Message, source.IsTransient, "The slide could not be fetched. Ask for the analysis again later.", source.Message, CauseOf(source)),
        SlideResolutionException => new(e.Message, false, "The slide was not scanned at the magnification that the analysis needs.", e.Message),
        SlideFormatException => new(e.Message, false, "The slide is damaged, or of a kind that the analysis cannot read.", e.Message, CauseOf(e)),
        ClassifierException classifier => new(e.Message, classifier.MayPass, "The analysis program could not analyse this case.", "the classifier cannot classify it; the task's last error says why", CauseOf(e)),
        ProtocolBrokenException broken => new(broken.Message, false, "The analysis program could not analyse this case.", broken.ForLog),
        InvalidResultsException invalid => new(invalid.Message, false, "The analysis gave a result that cannot be shown.",
            $"the result breaks the platform's rules at {string.Join(", ", invalid.Problems.Take(5).Select(p => p.Path))}; the task's last error tells more"),
        NotReadyException notReady => new(e.Message, true, "The analysis program is not running.", notReady.ForLog, CauseOf(e)),
        NoRouteException => new(e.Message, false, "No analysis is set up for this kind of case.", e.Message),
        ProgramDiedException died => new(died.LastLine.Length > 0 ? $"{died.Message} It last wrote: {died.LastLine}" : died.Message, true,
            "The analysis program broke down on this case, several times.", died.Message, died.LastWords),
        ProgramFailedException failed => new($"The program cannot classify this task: {failed.Message}", failed.MayPass, "The analysis program could not analyse this case.",
            "the program cannot classify it; the task's last error says why", failed.LastWords),
        LostKeyException => new(e.Message, false, "The analysis could not be started. Ask for it again.", e.Message),
        PoisonTaskException => new(e.Message, false, "The analysis program broke down on this case, several times.", e.Message),
        AggregateException { InnerExceptions: [var only] } => Of(only),
        _ => new($"The classifier failed with {e.GetType().Name}: {e.Message}", false, "The analysis program failed on this case.",
            $"the classifier failed with {e.GetType().Name}{Environment.NewLine}{e.StackTrace}", e.ToString()),
    };

    /// <summary>As much of a cause as is kept, in characters.</summary>
    const int LongestCause = 4000;

    public string? Cause { get; } = Cause?.Length > LongestCause ? Cause[..LongestCause] + "…" : Cause;

    static string? CauseOf(Exception e) => e.InnerException is { } inner ? $"{inner.GetType().Name}: {inner.Message}" : null;
}

/// <summary>A task in whose runs the process died too often.</summary>
sealed class PoisonTaskException(int crashes) : Exception(
    $"The bridge's process ended {crashes} times while it worked on this task: it is set aside. Find what ended it (its log, the system's out-of-memory messages), then retry the task.");
