using System.Diagnostics.Metrics;
using Slidebridge.Telemetry;

namespace Slidebridge.Fleet;

/// <summary>The fleet's workers and troubles, for the whole cluster. A scrape queries the database at most once every few seconds.</summary>
sealed class FleetGauges : IDisposable
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    readonly Meter meter = new(TaskGauges.Name);
    readonly FleetStatus status;
    readonly TimeProvider time;
    readonly Lock gate = new();
    (IReadOnlyList<FleetGroupStatus> Groups, long? At) seen = ([], null);

    public FleetGauges(FleetStatus status, TimeProvider time)
    {
        (this.status, this.time) = (status, time);
        meter.CreateObservableGauge("slidebridge.fleet.workers", Workers, "{worker}", "Workers that the fleet has asked for and that have not ended, by group and stage.");
        meter.CreateObservableGauge("slidebridge.fleet.trouble", Troubles, "{group}", "1: the last start of a worker failed, is late, or the engine cannot be asked; 0: all is well.");
    }

    IEnumerable<Measurement<long>> Workers() => Query().SelectMany(g => ((string, int)[])[("queued", g.Queued), ("starting", g.Starting), ("there", g.There)],
        (g, stage) => new Measurement<long>(stage.Item2, new("group", g.Group), new("engine", g.Engine), new("stage", stage.Item1)));

    IEnumerable<Measurement<long>> Troubles() => Query().Select(g => new Measurement<long>(g.Trouble is null ? 0 : 1, new KeyValuePair<string, object?>("group", g.Group)));

    /// <summary>The collector asks the instruments synchronously.</summary>
    IReadOnlyList<FleetGroupStatus> Query()
    {
        lock (gate)
        {
            if (seen.At is { } at && time.GetElapsedTime(at) < Fresh) return seen.Groups;
            seen = (status.ReadAsync(CancellationToken.None).GetAwaiter().GetResult(), time.GetTimestamp());
            return seen.Groups;
        }
    }

    public void Dispose() => meter.Dispose();
}
