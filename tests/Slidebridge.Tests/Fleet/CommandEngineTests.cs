using Slidebridge.Fleet.Engines;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

/// <summary>Engines that are command lines: a scheduler that is a folder of files, and Slurm's own commands in the place of which a script answers.</summary>
public sealed class CommandEngineTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_scheduler_of_three_commands_starts_lists_and_stops_workers()
    {
        var engine = Command("echo queued > \"$SLIDEBRIDGE_NAME\"; echo \"$SLIDEBRIDGE_UNTIL_IDLE\" > idle", "for file in gpu-*; do [ -e \"$file\" ] && echo \"$file 7 $(cat \"$file\")\"; done; true", "rm \"$SLIDEBRIDGE_NAME\"");
        await engine.StartAsync(Request("gpu-aaaaaaaaaa"), Token);
        Assert.Equal("2m", (await File.ReadAllTextAsync(folder.File("idle"), Token)).Trim());
        Assert.Equal(new EngineWorker("gpu-aaaaaaaaaa", "7", WorkerPhase.Queued), Assert.Single(await engine.ListAsync(Token)));
        await File.WriteAllTextAsync(folder.File("gpu-aaaaaaaaaa"), "taken the machine was sold", Token);
        Assert.Equal(new EngineWorker("gpu-aaaaaaaaaa", "7", WorkerPhase.Ended) { End = WorkerEnd.Taken, Why = "the machine was sold" }, Assert.Single(await engine.ListAsync(Token)));
        await engine.StopAsync(new EngineWorker("gpu-aaaaaaaaaa", "7", WorkerPhase.Queued), Token);
        Assert.Empty(await engine.ListAsync(Token));
    }

    [Theory]
    [InlineData("echo gpu-aaaaaaaaaa 7", "is not 'NAME ID queued|starting")]
    [InlineData("echo gpu-aaaaaaaaaa 7 sleeping", "is not 'NAME ID queued|starting")]
    [InlineData("echo no licence >&2; exit 3", "the fleet's 'list' command failed: no licence")]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("yes gpu-aaaaaaaaaa 7 running | head -c 9000000", "printed more than")]
    public async Task A_command_that_fails_is_a_sentence(string list, string why)
    {
        var failure = await Assert.ThrowsAsync<FleetEngineException>(() => Command("true", list, "true").ListAsync(Token));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bridges_own_variables_are_not_in_a_commands_environment()
    {
        Environment.SetEnvironmentVariable("SLIDEBRIDGE_TEST_SECRET", "hidden");
        try
        {
            var engine = Command("env > seen", "true", "true");
            await engine.StartAsync(Request("gpu-aaaaaaaaaa"), Token);
            var seen = await File.ReadAllTextAsync(folder.File("seen"), Token);
            Assert.DoesNotContain("hidden", seen, StringComparison.Ordinal);
            Assert.Contains("SLIDEBRIDGE_NAME=gpu-aaaaaaaaaa", seen, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SLIDEBRIDGE_TEST_SECRET", null);
        }
    }

    [Theory]
    [InlineData("12,gpu-aaaaaaaaaa,PENDING,N/A,N/A,Resources", WorkerPhase.Queued, null, "it waits for a free node (Resources)")]
    [InlineData("12,gpu-aaaaaaaaaa,PENDING,N/A,N/A,Nodes required for job are DOWN, DRAINED or reserved", WorkerPhase.Queued, null, "Slurm says Nodes required for job are DOWN, DRAINED or reserved")]
    [InlineData("12,gpu-aaaaaaaaaa,PENDING,1795882179,N/A,None", WorkerPhase.Queued, null, null)]
    [InlineData("12,gpu-aaaaaaaaaa,RUNNING,1795882179,N/A,None", WorkerPhase.Running, null, null)]
    [InlineData("12,gpu-aaaaaaaaaa,CONFIGURING,1795882179,N/A,None", WorkerPhase.Starting, null, null)]
    [InlineData("12,gpu-aaaaaaaaaa,COMPLETED,1795882179,1795882184,None", WorkerPhase.Ended, WorkerEnd.Finished, null)]
    [InlineData("12,gpu-aaaaaaaaaa,FAILED,1795882179,1795882184,NonZeroExitCode", WorkerPhase.Ended, WorkerEnd.Failed, "Slurm says FAILED (NonZeroExitCode)")]
    [InlineData("12,gpu-aaaaaaaaaa,OUT_OF_MEMORY,1795882179,1795882184,OutOfMemory", WorkerPhase.Ended, WorkerEnd.Failed, "Slurm says OUT_OF_MEMORY (OutOfMemory)")]
    [InlineData("12,gpu-aaaaaaaaaa,PREEMPTED,1795882179,1795882184,None", WorkerPhase.Ended, WorkerEnd.Taken, "Slurm says PREEMPTED")]
    [InlineData("12,gpu-aaaaaaaaaa,NODE_FAIL,1795882179,1795882184,None", WorkerPhase.Ended, WorkerEnd.Taken, "Slurm says NODE_FAIL")]
    public async Task Slurms_states_are_read(string line, object phase, object? end, string? why)
    {
        var worker = Assert.Single(await Slurm($"echo '{line}'").ListAsync(Token));
        Assert.Equal(("gpu-aaaaaaaaaa", "12", (WorkerPhase)phase, (WorkerEnd?)end, why), (worker.Name, worker.Id, worker.Phase, worker.End, worker.Why));
        Assert.Equal((WorkerPhase)phase is WorkerPhase.Queued ? null : DateTimeOffset.FromUnixTimeSeconds(1795882179), worker.StartedAt);
    }

    [Fact]
    public async Task Other_jobs_of_the_account_are_ignored_and_an_unknown_state_counts_as_a_worker()
    {
        var worker = Assert.Single(await Slurm("printf '1,a,b,RUNNING,1,2,None\\n2,simulation,DREAMING,N/A,N/A,None\\n3,gpu-large-aaaaaaaaaa,RUNNING,1,2,None\\n4,gpu-aaaaaaaaaa,DREAMING,N/A,N/A,None\\n'").ListAsync(Token));
        Assert.Equal(("4", WorkerPhase.Running), (worker.Id, worker.Phase));
    }

    [Theory]
    [InlineData("echo garbage", "squeue printed a line that is not of the format")]
    [InlineData("echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1", "squeue: slurm_load_jobs error: Unable to contact slurm controller")]
    public async Task What_slurm_says_that_cannot_be_understood_is_a_sentence(string squeue, string why) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<FleetEngineException>(() => Slurm(squeue).ListAsync(Token))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Slurms_job_has_its_name_its_options_and_its_variables()
    {
        await Slurm("cat > job; echo 1").StartAsync(Request("gpu-aaaaaaaaaa"), Token);
        Assert.Equal("""
            #!/bin/bash -l
            #SBATCH --job-name=gpu-aaaaaaaaaa
            #SBATCH --dependency=singleton
            #SBATCH --no-requeue
            #SBATCH --partition=gpu
            #SBATCH --gres=gpu:1
            export SLIDEBRIDGE_NAME='gpu-aaaaaaaaaa'
            export SLIDEBRIDGE_UNTIL_IDLE='2m'
            trap : TERM
            slidebridge work

            """, await File.ReadAllTextAsync(folder.File("job"), Token));
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_a_sentence() =>
        Assert.StartsWith("no-such-login env SLURM_TIME_FORMAT=%s cannot be started", (await Assert.ThrowsAsync<FleetEngineException>(() => new SlurmEngine(new SlurmOptions("x", null, [], ["no-such-login"]), "gpu").ListAsync(Token))).Message, StringComparison.Ordinal);

    CommandEngine Command(string start, string list, string stop) => new(new CommandOptions($"cd '{folder.Path}'; {start}", $"cd '{folder.Path}'; {list}", $"cd '{folder.Path}'; {stop}"), "gpu");

    /// <summary>Slurm, whose commands are answered by a script.</summary>
    SlurmEngine Slurm(string answer) => new(new SlurmOptions("slidebridge work", "gpu", ["--gres=gpu:1"], ["/bin/sh", "-c", $"cd '{folder.Path}'; {answer}"]), "gpu");

    static WorkerRequest Request(string name) => new(name, new Dictionary<string, string> { ["SLIDEBRIDGE_NAME"] = name, ["SLIDEBRIDGE_UNTIL_IDLE"] = "2m" });
}
