namespace Slidebridge.Bench.Fleet.Simulation.Policies;

/// <summary>All workers are there all the time; a machine that is lost is replaced.</summary>
sealed class AlwaysOnPolicy() : FleetPolicy("always on")
{
    public override void Begin(Site site, SimulationSettings settings)
    {
        var manner = new WorkerManner(settings.Ahead);
        for (var i = 0; i < site.Trace.Most; i++) site.Have(manner);
        site.Clock.Every(AskAgain, () => Ask(site, manner, site.Trace.Most - site.Alive.Count()));
    }
}
