namespace Slidebridge.Fleet.Engines;

/// <summary>This machine.</summary>
/// <param name="Command">The command line of the worker, for <c>/bin/sh</c>, without <c>exec</c>; null: <c>slidebridge work</c> of this program, for the bridge on this machine.</param>
sealed record ProcessOptions(string? Command) : EngineOptions
{
    public override string Kind => "process";

    public override IFleetEngine Open(string group, EngineServices services) => new ProcessEngine(this, group, services);
}
