using Slidebridge.Fleet.Engines;

namespace Slidebridge.Fleet;

/// <summary>The engine of each group, opened when it is first needed.</summary>
sealed class FleetEngines(FleetOptions options, EngineServices services) : IDisposable
{
    readonly Dictionary<string, Lazy<IFleetEngine>> engines = options.Groups.ToDictionary(group => group.Group, group => new Lazy<IFleetEngine>(() => group.Engine.Open(group.Group, services)));

    public IFleetEngine Of(FleetGroup group) => engines[group.Group].Value;

    public void Dispose()
    {
        foreach (var engine in engines.Values.Where(engine => engine.IsValueCreated)) (engine.Value as IDisposable)?.Dispose();
    }
}
