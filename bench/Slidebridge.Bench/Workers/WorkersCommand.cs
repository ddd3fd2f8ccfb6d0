using System.CommandLine;

namespace Slidebridge.Bench.Workers;

/// <summary>The options of <see cref="WorkersBench"/>.</summary>
static class WorkersCommand
{
    public static Command Create()
    {
        var part = new Option<string[]>("--part") { HelpName = "NAME", Description = $"What is measured: {string.Join(", ", WorkersBench.Names)}. Repeatable. Without it: all.", DefaultValueFactory = _ => [.. WorkersBench.Names] };
        part.AcceptOnlyFromAmong([.. WorkersBench.Names]);
        var postgres = new Option<string?>("--postgres") { HelpName = "TEXT", Description = "A PostgreSQL server where databases may be made, such as 'Host=127.0.0.1;Username=postgres'. Without one, 'nodes' measures workers on SQLite alone." };
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "Tasks of 'leases'.", DefaultValueFactory = _ => 800 };
        var workers = new Option<int>("--workers") { HelpName = "N", Description = "Workers of 'heartbeats'.", DefaultValueFactory = _ => 200 };
        var seconds = new Option<int>("--seconds") { HelpName = "S", Description = "Each phase of 'heartbeats'.", DefaultValueFactory = _ => 60 };
        var bench = new Command("workers", """
            Workers on other machines (slidebridge work), with real processes and HTTP on loopback.

            The parts:
              leases      leases a second, of 16 workers that return a small result at once
              heartbeats  the bridge's processor time for 200 workers that each hold a lease
              gap         how long a worker's classifier waits between two tasks of 200 ms
              nodes       tasks a second with 1, 2 and 4 workers, against as many nodes of a cluster

            Examples:
              workers
              workers --part gap
              workers --part nodes --postgres 'Host=127.0.0.1;Username=postgres'
            """)
        { part, postgres, tasks, workers, seconds };
        bench.SetAction((parsed, cancellationToken) => WorkersBench.RunAsync(
            new WorkersBenchOptions(parsed.GetValue(part)!, parsed.GetValue(postgres), parsed.GetValue(tasks), parsed.GetValue(workers), parsed.GetValue(seconds)), cancellationToken));
        return bench;
    }
}
