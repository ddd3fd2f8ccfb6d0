using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Telemetry;

namespace Slidebridge.Events;

/// <summary>The events that wait, of all nodes.</summary>
sealed class EventGauges : IDisposable
{
    readonly Meter meter = new(TaskGauges.Name);
    readonly EventOptions options;
    readonly GaugeReading<IReadOnlyDictionary<string, int>> counts;

    public EventGauges(IDbContextFactory<TaskDatabase> databases, EventOptions options, TimeProvider time)
    {
        this.options = options;
        counts = new(time, () =>
        {
            using var database = databases.CreateDbContext();
            return database.Outbox.GroupBy(e => e.Sink).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count);
        });
        meter.CreateObservableGauge("slidebridge.events.waiting", Waiting, "{event}", "Events that wait until a receiver accepts them, on all nodes.");
    }

    IEnumerable<Measurement<long>> Waiting()
    {
        var now = counts.Value;
        return options.Sinks.Select(sink => new Measurement<long>(now.GetValueOrDefault(sink), new KeyValuePair<string, object?>("sink", sink)));
    }

    public void Dispose() => meter.Dispose();
}
