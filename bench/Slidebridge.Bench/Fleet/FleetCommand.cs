using System.CommandLine;
using Slidebridge.Bench.Fleet.Simulation;
using Slidebridge.Units;

namespace Slidebridge.Bench.Fleet;

/// <summary>The options of <see cref="FleetBench"/>.</summary>
static class FleetCommand
{
    static readonly SimulationSettings Defaults = new();

    public static Command Create()
    {
        var trace = new Option<string[]>("--trace") { HelpName = "NAME", Description = $"A trace: {string.Join(", ", ArrivalTraces.Names)}. Repeatable. Without it: all.", DefaultValueFactory = _ => [.. ArrivalTraces.Names] };
        trace.AcceptOnlyFromAmong([.. ArrivalTraces.Names]);
        var seed = new Option<int>("--seed") { HelpName = "N", Description = "Arrivals, task times, start-ups and losses. With the same seed the results are the same.", DefaultValueFactory = _ => Defaults.Seed };
        var most = Number("--most", "Maximum workers. 0: each trace's own.", 0, 0);
        var least = Number("--least", "Workers that Slidebridge keeps without work (least).", Defaults.Least, 0);
        var each = Number("--tasks-per-worker", "One worker for this many tasks, for Slidebridge and the autoscaler.", Defaults.TasksPerWorker, 1);
        var ahead = Number("--ahead", "Tasks that a worker leases in addition to the one that it runs, except with a job per task.", Defaults.Ahead, 0);
        var loss = new Option<double>("--loss") { HelpName = "P", Description = "The probability that a machine is lost within an hour, in the traces spot and spot-notice.", DefaultValueFactory = _ => Defaults.Loss };
        loss.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 1)) result.AddError("--loss is at least 0 and less than 1.");
        });
        var time = Time("--task-time", "The mean time of a task on a worker (lognormal).", Defaults.TaskTime);
        var expiry = Time("--expiry", "A task's URLs expire after this time.", Defaults.Expiry);
        var startFrom = Time("--start-from", "The shortest time from the request for a worker to its first call.", Defaults.StartUpFrom);
        var startUntil = Time("--start-until", "The longest time. A quarter of the start-up is waiting for a machine, which is not paid.", Defaults.StartUpUntil);
        var idle = Time("--idle", "A worker of Slidebridge ends after this time without work.", Defaults.Idle);
        var cooldown = Time("--cooldown", "The autoscaler removes workers only when fewer were wanted for this long.", Defaults.Cooldown);
        var json = new Option<bool>("--json") { Description = "Writes the results as JSON. Times are in seconds." };
        var svg = new Option<string?>("--svg") { HelpName = "FILE", Description = "Writes a chart of the first trace: tasks that wait and workers over time." };
        var bench = new Command("fleet", """
            Plays arrivals of tasks against Slidebridge's fleet decision and other policies, in simulated time.

            The policies:
              slidebridge         the controller's own code, every 5 s
              always on           all workers, all the time
              a job per task      a machine is started for each task and ends after it
              autoscaler          KEDA with a HorizontalPodAutoscaler: a worker for so many waiting tasks, every 15 s. Scaling down
                                  does not know which workers work: it may end a run, and its task is repeated
              autoscaler, drains  the same, with workers that may finish their task first (a long terminationGracePeriodSeconds)

            Examples:
              fleet
              fleet --trace burst --svg burst.svg
              fleet --trace week --start-from 20s --start-until 40s --task-time 10m
            """)
        { trace, seed, most, least, each, ahead, loss, time, expiry, startFrom, startUntil, idle, cooldown, json, svg };
        bench.SetAction((parsed, cancellationToken) => FleetBench.RunAsync(
            new FleetBenchOptions(
                parsed.GetValue(trace)!,
                new SimulationSettings
                {
                    Seed = parsed.GetValue(seed),
                    Least = parsed.GetValue(least),
                    TasksPerWorker = parsed.GetValue(each),
                    Ahead = parsed.GetValue(ahead),
                    Loss = parsed.GetValue(loss),
                    TaskTime = Seconds(parsed, time),
                    Expiry = Seconds(parsed, expiry),
                    StartUpFrom = Seconds(parsed, startFrom),
                    StartUpUntil = Math.Max(Seconds(parsed, startFrom), Seconds(parsed, startUntil)),
                    Idle = Seconds(parsed, idle),
                    Cooldown = Seconds(parsed, cooldown),
                },
                parsed.GetValue(most) is > 0 and var limit ? limit : null, parsed.GetValue(json), parsed.GetValue(svg)),
            cancellationToken));
        return bench;
    }

    static Option<int> Number(string name, string description, int usual, int least)
    {
        var option = new Option<int>(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} is at least {least}.");
        });
        return option;
    }

    static Option<string> Time(string name, string description, double seconds)
    {
        var option = new Option<string>(name) { HelpName = "TIME", Description = description, DefaultValueFactory = _ => Duration.Text(TimeSpan.FromSeconds(seconds)) };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not { } text || Duration.Parse(text) is not { } time || time <= TimeSpan.Zero) result.AddError($"{name} is a time such as 90s, 10m or 1h.");
        });
        return option;
    }

    static double Seconds(ParseResult parsed, Option<string> time) => Duration.Parse(parsed.GetValue(time)!)!.Value.TotalSeconds;
}
