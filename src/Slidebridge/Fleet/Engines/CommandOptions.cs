namespace Slidebridge.Fleet.Engines;

/// <summary>Any scheduler, by three command lines of <c>/bin/sh</c>: docs/fleet.md.</summary>
/// <param name="Start">Asks for the worker <c>$SLIDEBRIDGE_NAME</c>.</param>
/// <param name="List">Prints a line for each worker: its name, its id, <c>queued</c>, <c>starting</c>, <c>running</c>, <c>finished</c>, <c>taken</c> or <c>failed</c>, and why.</param>
/// <param name="Stop">Withdraws the request of the worker <c>$SLIDEBRIDGE_NAME</c> with the id <c>$SLIDEBRIDGE_WORKER_ID</c>.</param>
sealed record CommandOptions(string Start, string List, string Stop) : EngineOptions
{
    public override string Kind => "command";

    public override IFleetEngine Open(string group, EngineServices services) => new CommandEngine(this, group);
}
