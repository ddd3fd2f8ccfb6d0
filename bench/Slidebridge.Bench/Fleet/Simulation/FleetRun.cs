using Slidebridge.Bench.Fleet.Simulation.Policies;

namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>Plays one trace under one policy.</summary>
static class FleetRun
{
    public static FleetResult Of(ArrivalTrace trace, FleetPolicy policy, SimulationSettings settings)
    {
        var site = new Site(trace, settings);
        policy.Begin(site, settings);
        var end = trace.Hours * 3600;
        site.Clock.After(end, () => { });
        while (site.Clock.Now < end || site.Ended.Count < site.Tasks.Count)
        {
            if (site.Clock.Now > 10 * end || !site.Clock.Next()) throw new InvalidOperationException($"{site.Tasks.Count - site.Ended.Count} tasks of the trace {trace.Name} never end under the policy {policy.Name}.");
        }
        var times = site.Tasks.Select(t => t.EndedAt!.Value - t.ArrivedAt).Order().ToList();
        return new FleetResult(
            trace.Name, policy.Name, site.Tasks.Count,
            site.Workers.Where(w => w.HereAt is not null).Sum(w => (w.EndedAt ?? site.Clock.Now) - w.HereAt!.Value) / 3600,
            site.Tasks.Sum(t => t.Seconds) / 3600, site.Lost.Seconds / 3600,
            times[times.Count / 2], times[times.Count * 95 / 100], times[^1],
            site.Tasks.Count(t => t.StartedAt > t.ExpiresAt), site.Workers.Count(w => w.WorksAt != w.AskedAt), site.Lost.Runs)
        { Samples = site.Samples };
    }
}
