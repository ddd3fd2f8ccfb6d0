using Slidebridge.Storage;

namespace Slidebridge.Events;

/// <summary>Sends events to one receiver.</summary>
interface IEventSink
{
    /// <summary>One of <see cref="EventOptions.Sinks"/>.</summary>
    string Name { get; }

    /// <summary>The receiver for the log: its setting and its host.</summary>
    string Description { get; }

    /// <summary>One attempt. Throws only if it is cancelled.</summary>
    Task<SendOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken);
}

/// <summary>How an attempt ended.</summary>
/// <param name="Status">Whether the receiver has the event.</param>
/// <param name="Why">Why not, as the end of a sentence, without a URL and without the receiver's words.</param>
/// <param name="RetryAfter">The wait that the receiver asked for.</param>
readonly record struct SendOutcome(SendStatus Status, string Why = "", TimeSpan? RetryAfter = null);

enum SendStatus
{
    /// <summary>The receiver has the event.</summary>
    Accepted,

    /// <summary>The receiver did not accept this event, or could not be reached.</summary>
    Failed,

    /// <summary>The receiver asks for fewer events.</summary>
    Busy,

    /// <summary>The receiver wants no events any more.</summary>
    Gone,
}
