using System.Text.Json;
using Slidebridge.Bench.Fleet.Simulation;
using Slidebridge.Bench.Fleet.Simulation.Policies;

namespace Slidebridge.Tests.Fleet;

/// <summary>The simulator of <c>bench fleet</c>, with the controller's decision and the policies that it is compared with.</summary>
public sealed class FleetSimulationTests
{
    public static TheoryData<string> Traces => [.. ArrivalTraces.Names];

    [Theory]
    [MemberData(nameof(Traces))]
    public void The_same_seed_gives_the_same_result_and_another_seed_another_one(string trace)
    {
        Assert.Equal(Play(trace, 1), Play(trace, 1));
        Assert.NotEqual(Play(trace, 1), Play(trace, 2));

        static string Play(string trace, int seed)
        {
            var settings = new SimulationSettings { Seed = seed };
            return JsonSerializer.Serialize(FleetRun.Of(ArrivalTraces.Of(trace, settings), new DecisionPolicy(), settings));
        }

    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void Each_task_ends_once_under_every_policy_and_workers_stay_within_their_limit(string name)
    {
        var settings = new SimulationSettings { SampleEvery = 30 };
        var trace = ArrivalTraces.Of(name, settings);
        foreach (var policy in FleetPolicy.All())
        {
            // A second end of a task is an exception of the simulator.
            var result = FleetRun.Of(trace, policy, settings);
            Assert.Equal(trace.Arrivals.Count, result.Tasks);
            Assert.True(result.PaidHours >= result.WorkedHours + result.LostHours - 1e-6, policy.Name);
            // A worker that drains is not counted by the autoscaler any more.
            if (!policy.Name.Contains("drains", StringComparison.Ordinal)) Assert.True(result.Samples.Max(s => s.Workers) <= trace.Most, policy.Name);
        }
    }

    [Fact]
    public void Without_losses_the_controller_loses_no_run_and_its_workers_end()
    {
        var settings = new SimulationSettings { SampleEvery = 30 };
        var result = FleetRun.Of(ArrivalTraces.Of("burst", settings), new DecisionPolicy(), settings);
        Assert.Equal((0, 0), (result.LostRuns, result.Samples[^1].Workers));
    }
}
