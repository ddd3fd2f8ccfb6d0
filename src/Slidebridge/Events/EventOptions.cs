using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>Who receives events, and how long an event is tried.</summary>
/// <param name="Url">The receiver of signed webhooks, or null.</param>
/// <param name="Sqs">The queue of Amazon SQS, or null.</param>
/// <param name="Window">How long an event is tried before it is given up.</param>
/// <param name="Backoff">The waits between attempts.</param>
sealed record EventOptions(EventUrl? Url, SqsQueue? Sqs, TimeSpan Window, Backoff Backoff)
{
    /// <summary>The names of the receivers, as the outbox, the log and the metrics write them.</summary>
    public const string UrlSink = "url", SqsSink = "sqs";

    /// <summary>The configured receivers.</summary>
    public IReadOnlyList<string> Sinks { get; } = [.. Url is null ? Array.Empty<string>() : [UrlSink], .. Sqs is null ? Array.Empty<string>() : [SqsSink]];

    /// <summary>Whether anybody receives events. If not, none are recorded.</summary>
    public bool IsAny => Sinks.Count > 0;
}

/// <summary>A receiver of signed webhooks.</summary>
/// <param name="Address">Where events are posted.</param>
/// <param name="Secrets">The secrets that sign, as <c>whsec_…</c>; each makes one signature.</param>
sealed record EventUrl(Uri Address, IReadOnlyList<string> Secrets)
{
    /// <summary>Time limit of one attempt, up to the answer's headers. Standard Webhooks recommends 15 to 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The default ToString prints all members, and this record holds secrets.</summary>
    public override string ToString() => $"events to {Address.Host}";
}
