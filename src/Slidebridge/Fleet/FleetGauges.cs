using System.Diagnostics.Metrics;
using Slidebridge.Telemetry;

namespace Slidebridge.Fleet;

/// <summary>The fleet's workers and troubles, for the whole cluster.</summary>
sealed class FleetGauges : IDisposable
{
    readonly Meter meter = new(TaskGauges.Name);
    readonly GaugeReading<IReadOnlyList<FleetGroupStatus>> groups;

    public FleetGauges(FleetStatus status, TimeProvider time)
    {
        groups = new(time, () => status.ReadAsync(CancellationToken.None).GetAwaiter().GetResult());
        meter.CreateObservableGauge("slidebridge.fleet.workers", Workers, "{worker}", "Workers that the fleet has asked for and that have not ended, by group and stage.");
        meter.CreateObservableGauge("slidebridge.fleet.trouble", Troubles, "{group}", "1: the last start of a worker failed, is late, or the engine cannot be asked; 0: all is well.");
    }

    IEnumerable<Measurement<long>> Workers() => groups.Value.SelectMany(g => ((string, int)[])[("queued", g.Queued), ("starting", g.Starting), ("there", g.There)],
        (g, stage) => new Measurement<long>(stage.Item2, new("group", g.Group), new("engine", g.Engine), new("stage", stage.Item1)));

    IEnumerable<Measurement<long>> Troubles() => groups.Value.Select(g => new Measurement<long>(g.Trouble is null ? 0 : 1, new KeyValuePair<string, object?>("group", g.Group)));

    public void Dispose() => meter.Dispose();
}
