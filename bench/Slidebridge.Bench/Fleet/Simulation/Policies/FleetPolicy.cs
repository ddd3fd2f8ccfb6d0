namespace Slidebridge.Bench.Fleet.Simulation.Policies;

/// <summary>Decides when workers are asked for and ended.</summary>
abstract class FleetPolicy(string name)
{
    /// <summary>Seconds after which a refused request is made again, by the policies without a rule of their own.</summary>
    protected const double AskAgain = 15;

    public string Name => name;

    /// <summary>Plans its events at the beginning of a trace. A policy plays one trace.</summary>
    public abstract void Begin(Site site, SimulationSettings settings);

    /// <summary>Asks for workers until the engine refuses.</summary>
    protected static void Ask(Site site, WorkerManner manner, int count)
    {
        while (count-- > 0 && site.Ask(manner) is not null) continue;
    }

    /// <summary>All policies, new.</summary>
    public static IReadOnlyList<FleetPolicy> All() => [new DecisionPolicy(), new AlwaysOnPolicy(), new JobPerTaskPolicy(), new AutoscalerPolicy(drains: false), new AutoscalerPolicy(drains: true)];
}
