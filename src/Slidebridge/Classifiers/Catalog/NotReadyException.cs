using Slidebridge.Classifiers.Programs;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier could not be made ready. Its tasks wait, for it is no fault of theirs.</summary>
sealed class NotReadyException : SlidebridgeException
{
    public NotReadyException(string classifier, Exception cause) : base($"The classifier {classifier} does not start: {WhyOf(cause)}", cause)
    {
        Why = WhyOf(cause);
        LogMessage = $"The classifier {classifier} does not start ({(cause is ProtocolBrokenException broken ? broken.LogMessage.TrimEnd('.') : cause.GetType().Name)}): slidebridge doctor says why";
        (IsTransient, Origin) = (true, FailureOrigin.Machine);
    }

    public string Why { get; }

    /// <summary>Without the classifier's words: what it writes as it starts may hold a password.</summary>
    public override string LogMessage { get; }

    public override string PlainMessage => "The analysis program is not running.";

    static string WhyOf(Exception cause) => cause is ClassifierException or ProtocolBrokenException ? cause.Message : $"{cause.GetType().Name}: {cause.Message}";
}
