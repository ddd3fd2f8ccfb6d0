using System.Diagnostics.Metrics;
using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>Counts of this node's sending. No tag contains a task.</summary>
static class EventTelemetry
{
    static readonly Meter Meter = new(TaskTelemetry.Name);

    static readonly Counter<long> SentEvents = Meter.CreateCounter<long>("slidebridge.events.sent", "{event}", "Events that a receiver accepted.");
    static readonly Counter<long> FailedAttempts = Meter.CreateCounter<long>("slidebridge.events.failed", "{attempt}", "Attempts to send an event that failed.");
    static readonly Counter<long> DroppedEvents = Meter.CreateCounter<long>("slidebridge.events.dropped", "{event}", "Events that were given up: no receiver accepted them in time.");

    /// <summary>An alert on the rise of a count needs its 0.</summary>
    public static void Begin(string sink)
    {
        Dropped(sink, 0);
        FailedAttempts.Add(0, new KeyValuePair<string, object?>("sink", sink));
    }

    public static void Sent(string sink, string type) => SentEvents.Add(1, new KeyValuePair<string, object?>("sink", sink), new KeyValuePair<string, object?>("type", type));

    public static void Failed(string sink) => FailedAttempts.Add(1, new KeyValuePair<string, object?>("sink", sink));

    public static void Dropped(string sink, int events) => DroppedEvents.Add(events, new KeyValuePair<string, object?>("sink", sink));
}
