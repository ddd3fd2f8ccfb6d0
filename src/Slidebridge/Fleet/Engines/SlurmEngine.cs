using System.Globalization;
using System.Text;

namespace Slidebridge.Fleet.Engines;

/// <summary>
/// Workers as batch jobs of Slurm, by <c>sbatch</c>, <c>squeue</c> and <c>scancel</c>. All that a shell could misread is in the script, which goes to standard input, so a prefix such as <c>ssh login</c> needs no quoting.
/// </summary>
/// <remarks>
/// For Slurm, a name is not a key. With <c>--dependency=singleton</c>, two jobs of one name never run at the same time, so a request that was sent twice costs nothing: the second one is withdrawn from the queue.
/// Ended jobs are listed for <c>MinJobAge</c> (by default 300 s).
/// </remarks>
sealed class SlurmEngine(SlurmOptions options, string group) : IFleetEngine
{
    /// <summary>Id, name, state, start, end, reason: <c>man squeue</c>. The reason is last, because it may contain commas.</summary>
    const string Format = "%i,%j,%T,%S,%e,%r";

    public async Task StartAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        var output = await RunAsync(["sbatch", "--parsable"], Script(request), cancellationToken);
        if (output.ExitCode != 0) throw new FleetEngineException($"sbatch: {output.Complaint}");
    }

    string Script(WorkerRequest request)
    {
        // A login shell: the cluster's modules and paths are those of its user.
        var script = new StringBuilder("#!/bin/bash -l\n");
        script.Append(CultureInfo.InvariantCulture, $"#SBATCH --job-name={request.Name}\n#SBATCH --dependency=singleton\n#SBATCH --no-requeue\n");
        if (options.Partition is { } partition) script.Append(CultureInfo.InvariantCulture, $"#SBATCH --partition={partition}\n");
        foreach (var option in options.Options) script.Append(CultureInfo.InvariantCulture, $"#SBATCH {option}\n");
        foreach (var (name, value) in request.Environment) script.Append(CultureInfo.InvariantCulture, $"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'\n");
        // Slurm's SIGTERM goes to the shell too, which then waits for the worker instead of ending before it.
        return script.Append("trap : TERM\n").Append(options.Command).Append('\n').ToString();
    }

    public async Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        // By ssh no variable would arrive, so env sets it there: times in seconds since 1970.
        var output = await RunAsync(["env", "SLURM_TIME_FORMAT=%s", "squeue", "--me", "--noheader", "--states=all", $"--format={Format}"], null, cancellationToken);
        if (output.ExitCode != 0) throw new FleetEngineException($"squeue: {output.Complaint}");
        return [.. output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<EngineWorker>()];
    }

    /// <summary>A worker; null: another job of the same account.</summary>
    EngineWorker? Parse(string line)
    {
        var parts = line.Trim().Split(',', 6);
        if (parts.Length > 1 && !FleetNames.IsOf(group, parts[1])) return null;
        if (parts.Length < 6) throw new FleetEngineException($"squeue printed a line that is not of the format {Format}: {line}");
        var (state, reason) = (parts[2], parts[5].Trim('(', ')'));
        var (phase, end) = PhaseOf(state);
        return new EngineWorker(parts[1], parts[0], phase)
        {
            // For a job that waits, Slurm's guess of its start.
            StartedAt = phase is WorkerPhase.Queued ? null : TimeOf(parts[3]),
            EndedAt = phase is WorkerPhase.Ended ? TimeOf(parts[4]) : null,
            End = end,
            Why = phase switch
            {
                WorkerPhase.Queued => reason is "None" or "" ? null : reason is "Resources" or "Priority" ? $"it waits for a free node ({reason})" : $"Slurm says {reason}",
                WorkerPhase.Ended when end is not WorkerEnd.Finished => $"Slurm says {state}{(reason is "None" or "" ? "" : $" ({reason})")}",
                _ => null,
            },
        };
    }

    /// <summary>The states of <c>man squeue</c>, JOB STATE CODES.</summary>
    static (WorkerPhase, WorkerEnd?) PhaseOf(string state) => state switch
    {
        "PENDING" or "REQUEUED" or "REQUEUE_FED" or "REQUEUE_HOLD" or "SPECIAL_EXIT" or "RESV_DEL_HOLD" => (WorkerPhase.Queued, null),
        "CONFIGURING" => (WorkerPhase.Starting, null),
        "RUNNING" or "COMPLETING" or "SIGNALING" or "STAGE_OUT" or "STOPPED" or "SUSPENDED" or "RESIZING" => (WorkerPhase.Running, null),
        "COMPLETED" => (WorkerPhase.Ended, WorkerEnd.Finished),
        "FAILED" or "OUT_OF_MEMORY" => (WorkerPhase.Ended, WorkerEnd.Failed),
        "BOOT_FAIL" or "CANCELLED" or "DEADLINE" or "NODE_FAIL" or "PREEMPTED" or "REVOKED" or "TIMEOUT" => (WorkerPhase.Ended, WorkerEnd.Taken),
        // A state of a later version: it exists, and no second one is started.
        _ => (WorkerPhase.Running, null),
    };

    static DateTimeOffset? TimeOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    public async Task StopAsync(EngineWorker worker, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> which = worker.Phase is WorkerPhase.Queued ? ["scancel", "--state=PENDING", worker.Id] : ["scancel", worker.Id];
        var output = await RunAsync(which, null, cancellationToken);
        if (output.ExitCode != 0 && !output.Error.Contains("Invalid job id", StringComparison.Ordinal)) throw new FleetEngineException($"scancel: {output.Complaint}");
    }

    /// <summary>sbatch passes its own environment on to the job, and Slurm stores it: so it has only what it needs.</summary>
    static bool IsKept(string name) => name is "PATH" or "HOME" or "USER" or "LOGNAME" or "LANG" or "TZ" || name.StartsWith("SLURM", StringComparison.Ordinal) || name.StartsWith("SSH_", StringComparison.Ordinal) || name.StartsWith("KRB5", StringComparison.Ordinal);

    Task<EngineOutput> RunAsync(IReadOnlyList<string> words, string? input, CancellationToken cancellationToken) => EngineCommand.RunAsync([.. options.Prefix, .. words], input, null, cancellationToken, keeps: IsKept);
}
