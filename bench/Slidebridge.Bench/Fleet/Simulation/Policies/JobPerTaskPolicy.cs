namespace Slidebridge.Bench.Fleet.Simulation.Policies;

/// <summary>A machine is started for each task as soon as it arrives, and ends after it. The engine runs at most <see cref="ArrivalTrace.Most"/> at a time.</summary>
sealed class JobPerTaskPolicy() : FleetPolicy("a job per task")
{
    public override void Begin(Site site, SimulationSettings settings)
    {
        var manner = new WorkerManner(0, Tasks: 1);
        var (asksAgain, alive) = (false, new List<PlayedWorker>());
        site.Changed = Ask;

        void Ask()
        {
            alive.RemoveAll(w => !w.IsAlive);
            while (alive.Count < Math.Min(site.Trace.Most, site.Waiting.Count + site.Running) && !asksAgain)
            {
                if (site.Ask(manner) is { } worker)
                {
                    alive.Add(worker);
                    continue;
                }
                asksAgain = true;
                site.Clock.After(AskAgain, () =>
                {
                    asksAgain = false;
                    Ask();
                });
            }
        }
    }
}
