namespace Slidebridge.Bench.Fleet.Simulation.Policies;

/// <summary>
/// A queue-length autoscaler as KEDA with Kubernetes' HorizontalPodAutoscaler: every 15 s it wants one worker for so many waiting tasks.
/// <list type="bullet">
/// <item>Scaling up: at most twice as many, or four more, in one step (the default of <c>behavior.scaleUp</c>).</item>
/// <item>Scaling down, to zero: only to the most that was wanted within the cooldown (<c>stabilizationWindowSeconds</c>, <c>cooldownPeriod</c>: 300 s).</item>
/// <item>Which workers go, it decides without knowing who works, as a ReplicaSet does: first those that are not ready, then the youngest. A worker receives SIGTERM: it releases its tasks at
/// once, and the run is lost. With <paramref name="drains"/> it finishes its running task first, as with a long <c>terminationGracePeriodSeconds</c> and <c>--drain</c>.</item>
/// </list>
/// </summary>
sealed class AutoscalerPolicy(bool drains) : FleetPolicy(drains ? "autoscaler, drains" : "autoscaler")
{
    const double Sync = 15;

    public override void Begin(Site site, SimulationSettings settings)
    {
        var manner = new WorkerManner(settings.Ahead);
        var wanted = new Queue<(double At, int Count)>();
        site.Clock.Every(Sync, () =>
        {
            var now = site.Clock.Now;
            var alive = site.Alive.Where(w => !w.IsDraining).ToList();
            var desired = Math.Min(site.Trace.Most, (site.Waiting.Count + settings.TasksPerWorker - 1) / settings.TasksPerWorker);
            wanted.Enqueue((now, desired));
            while (now - wanted.Peek().At > settings.Cooldown) wanted.Dequeue();
            Ask(site, manner, Math.Min(desired, Math.Max(2 * alive.Count, alive.Count + 4)) - alive.Count);
            foreach (var victim in alive.OrderBy(w => w.WorksAt is not null).ThenByDescending(w => w.WorksAt ?? w.AskedAt).Take(alive.Count - wanted.Max(w => w.Count)))
            {
                if (drains) site.Drain(victim);
                else site.End(victim, WorkerFate.Stopped);
            }
        });
    }
}
