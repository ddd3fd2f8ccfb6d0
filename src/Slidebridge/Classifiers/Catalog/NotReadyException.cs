using Slidebridge.Classifiers.Programs;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier could not be started. Its tasks wait, because the failure is not theirs.</summary>
sealed class NotReadyException : SlidebridgeException
{
    public NotReadyException(string classifier, Exception cause) : base($"The classifier {classifier} does not start: {WhyOf(cause)}", cause)
    {
        Why = WhyOf(cause);
        LogMessage = $"The classifier {classifier} does not start ({(cause is ProtocolBrokenException broken ? broken.LogMessage.TrimEnd('.') : cause.GetType().Name)}): run 'slidebridge doctor' to see why";
        (IsTransient, Origin) = (true, FailureOrigin.Machine);
    }

    public string Why { get; }

    /// <summary>Without the classifier's words: its output at start may contain a password.</summary>
    public override string LogMessage { get; }

    public override string PlainMessage => "The analysis program is not running.";

    static string WhyOf(Exception cause) => cause is ClassifierException or ProtocolBrokenException ? cause.Message : $"{cause.GetType().Name}: {cause.Message}";
}
