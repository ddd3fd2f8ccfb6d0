using System.Text.Json.Serialization;

namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>What one policy did with one trace.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Tasks">Its tasks, each of which ended once.</param>
/// <param name="PaidHours">From the time when a machine is there to its end, of all machines.</param>
/// <param name="WorkedHours">The runs that gave a result.</param>
/// <param name="LostHours">The runs that did not.</param>
/// <param name="Median">Seconds from a task's arrival to its result.</param>
/// <param name="Percentile95">The same, for 95 of 100 tasks.</param>
/// <param name="Longest">The same, for all.</param>
/// <param name="Expired">Tasks whose URLs had expired when the run that gave the result started: without the bridge's copies of slides, these fail.</param>
/// <param name="Starts">Machines that were asked for.</param>
/// <param name="LostRuns">Runs that ended without a result, because their machine was lost or stopped.</param>
sealed record FleetResult(
    string Trace, string Policy, int Tasks, double PaidHours, double WorkedHours, double LostHours, double Median, double Percentile95, double Longest, int Expired, int Starts, int LostRuns)
{
    [JsonIgnore]
    public IReadOnlyList<SiteSample> Samples { get; init; } = [];
}
