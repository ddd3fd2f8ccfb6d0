using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Telemetry;

namespace Slidebridge.Events;

/// <summary>The events that wait, of all nodes. A scrape queries the database at most once every few seconds.</summary>
sealed class EventGauges : IDisposable
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    readonly Meter meter = new(TaskGauges.Name);
    readonly IDbContextFactory<TaskDatabase> databases;
    readonly EventOptions options;
    readonly TimeProvider time;
    readonly Lock gate = new();
    (IReadOnlyDictionary<string, int> Counts, DateTimeOffset At) seen = (new Dictionary<string, int>(), DateTimeOffset.MinValue);

    public EventGauges(IDbContextFactory<TaskDatabase> databases, EventOptions options, TimeProvider time)
    {
        (this.databases, this.options, this.time) = (databases, options, time);
        meter.CreateObservableGauge("slidebridge.events.waiting", Waiting, "{event}", "Events that wait until a receiver accepts them, on all nodes.");
    }

    IEnumerable<Measurement<long>> Waiting()
    {
        var counts = Query();
        return options.Sinks.Select(sink => new Measurement<long>(counts.GetValueOrDefault(sink), new KeyValuePair<string, object?>("sink", sink)));
    }

    IReadOnlyDictionary<string, int> Query()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now - seen.At < Fresh) return seen.Counts;
            using var database = databases.CreateDbContext();
            seen = (database.Outbox.GroupBy(e => e.Sink).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count), now);
            return seen.Counts;
        }
    }

    public void Dispose() => meter.Dispose();
}
