using System.Collections.Concurrent;
using Slidebridge.Sdk;

namespace Slidebridge.Tasks;

/// <summary>The classifier's progress with each scan of the running tasks. Kept in memory: after a restart, a run starts again. For other nodes, <c>ProgressSharing</c> copies it to the database.</summary>
sealed class TaskProgress
{
    readonly ConcurrentDictionary<long, ConcurrentDictionary<string, double>> running = new();

    /// <summary>Far more than a bridge has workers.</summary>
    const int MostElsewhere = 10_000;

    readonly ConcurrentDictionary<long, IReadOnlyDictionary<string, double>> elsewhere = new();

    /// <summary>Receives progress reports for one task until the result is disposed.</summary>
    public Report Begin(long number) => new(this, number, running[number] = new ConcurrentDictionary<string, double>());

    /// <summary>Whether this node runs the task.</summary>
    public bool IsHere(long number) => running.ContainsKey(number);

    /// <summary>Keeps what a worker or another node reports for one of its tasks, until it reports the next or another run begins.</summary>
    public void Keep(long number, IReadOnlyDictionary<string, double> scans)
    {
        if (elsewhere.Count > MostElsewhere) elsewhere.Clear();
        elsewhere[number] = scans;
    }

    /// <summary>The completed part of a scan, 0 to 1.</summary>
    public double Of(BridgeTask task, string scanId) =>
        task.State.IsToDeliver() || task.State is TaskState.Completed ? 1
        : running.TryGetValue(task.Number, out var scans) && scans.TryGetValue(scanId, out var fraction) ? fraction
        : task.State is TaskState.Running && elsewhere.TryGetValue(task.Number, out var reported) && reported.TryGetValue(scanId, out var part) ? double.IsNaN(part) ? 0 : Math.Clamp(part, 0, 1)
        : 0;

    /// <summary>The completed parts of a task's scans together, as far as this node knows them: it changes when a page should be shown again.</summary>
    public double SumOf(long number, IEnumerable<string> scanIds) => scanIds.Sum(scan =>
        running.TryGetValue(number, out var scans) && scans.TryGetValue(scan, out var fraction) ? fraction
        : elsewhere.TryGetValue(number, out var reported) && reported.TryGetValue(scan, out var part) && !double.IsNaN(part) ? part : 0);

    public sealed class Report(TaskProgress owner, long number, ConcurrentDictionary<string, double> scans) : IProgress<ScanProgress>, IDisposable
    {
        void IProgress<ScanProgress>.Report(ScanProgress value) => scans[value.ScanId] = double.IsNaN(value.Fraction) ? 0 : Math.Clamp(value.Fraction, 0, 1);

        public void Dispose() => owner.running.TryRemove(number, out _);
    }
}
