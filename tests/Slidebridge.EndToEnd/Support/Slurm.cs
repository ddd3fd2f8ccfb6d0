using System.Diagnostics;

namespace Slidebridge.EndToEnd.Support;

/// <summary>A real Slurm of one node on loopback, with its own ports and folders. It needs root, as slurmd and munge do.</summary>
public sealed class Slurm : IAsyncLifetime
{
    /// <summary>Where munge's library looks for its daemon.</summary>
    const string MungeSocket = "/run/munge/munge.socket.2";

    static readonly string[] Programs = ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged"];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder folder = Files.Temporary();
    readonly List<Process> daemons = [];
    Process? controller;

    string Configuration => Path.Combine(folder.Path, "slurm.conf");

    /// <summary>Why there is none; null: it runs.</summary>
    public string? Missing { get; private set; }

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SLURM_CONF"] = Configuration };

    public async ValueTask InitializeAsync()
    {
        Missing = !OperatingSystem.IsLinux() || System.Environment.UserName != "root" ? "Slurm's daemons need root on Linux." : Programs.FirstOrDefault(program => !File.Exists(program)) is { } program ? $"{program} is missing." : null;
        if (Missing is not null) return;
        foreach (var name in (string[])["state", "spool", "log"]) Directory.CreateDirectory(Path.Combine(folder.Path, name));
        await File.WriteAllTextAsync(Configuration, $"""
            ClusterName=test
            SlurmctldHost=localhost(127.0.0.1)
            SlurmctldPort={Files.FreePort()}
            SlurmdPort={Files.FreePort()}
            AuthType=auth/munge
            CryptoType=crypto/munge
            SlurmUser=root
            SlurmdUser=root
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            MpiDefault=none
            StateSaveLocation={folder.Path}/state
            SlurmdSpoolDir={folder.Path}/spool
            SlurmctldPidFile={folder.Path}/slurmctld.pid
            SlurmdPidFile={folder.Path}/slurmd.pid
            SlurmctldLogFile={folder.Path}/log/slurmctld.log
            SlurmdLogFile={folder.Path}/log/slurmd.log
            ReturnToService=2
            KillWait=10
            MinJobAge=300
            SchedulerParameters=sched_interval=1
            SlurmdParameters=config_overrides
            NodeName=localhost NodeAddr=127.0.0.1 CPUs=8
            PartitionName=gpu Nodes=localhost Default=YES MaxTime=INFINITE State=UP

            """);
        if (!File.Exists(MungeSocket) || await ExitCodeAsync("munge", "-n") != 0)
        {
            await RunAsync("install", "-d", "-o", "munge", "-g", "munge", "/run/munge");
            daemons.Add(Start("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups", "/usr/sbin/munged", "--foreground", "--force", "--socket=" + MungeSocket));
            await UntilAsync(async () => await ExitCodeAsync("munge", "-n") == 0, "munged does not answer");
        }
        StartController();
        daemons.Add(Start("/usr/sbin/slurmd", "-D", "-N", "localhost"));
        await UntilAsync(async () => (await RunAsync("sinfo", "--noheader", "--format=%t")).Contains("idle", StringComparison.Ordinal), "The node does not come up");
    }

    public void StartController() => controller = Start("/usr/sbin/slurmctld", "-D");

    /// <summary>slurmctld is away until it is started again. Jobs run on.</summary>
    public async Task StopControllerAsync()
    {
        controller!.Kill();
        await controller.WaitForExitAsync();
    }

    /// <summary>Every job of a name, ended or not: id, name and state.</summary>
    public async Task<IReadOnlyList<(string Id, string Name, string State)>> JobsAsync(string group) =>
        [.. (await RunAsync("squeue", "--noheader", "--states=all", "--format=%i %j %T")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')).Select(parts => (parts[0], parts[1], parts[2])).Where(job => job.Item2.StartsWith(group + "-", StringComparison.Ordinal))];

    public Task<string> RunAsync(string program, params string[] arguments) => RunAsync(program, arguments, Environment);

    static async Task<string> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var process = Start(program, arguments, environment);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program}: {await error}");
    }

    async Task<int> ExitCodeAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments, Environment);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    Process Start(string program, params string[] arguments)
    {
        var process = Start(program, arguments, Environment);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    static Process Start(string program, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await holds()) return;
            }
            catch (InvalidOperationException) when (clock.Elapsed < Patience)
            {
                // Its controller does not answer yet.
            }
            if (clock.Elapsed > Patience) throw new TimeoutException($"{otherwise}: {string.Join('\n', Directory.EnumerateFiles(Path.Combine(folder.Path, "log")).Select(File.ReadAllText))}");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Missing is null)
        {
            // Its daemons would leave the jobs running.
            await RunAsync("scancel", "--user=root");
            await UntilAsync(async () => (await RunAsync("squeue", "--noheader")).Length == 0, "Jobs do not end");
            foreach (var daemon in Enumerable.Reverse(daemons).Append(controller).OfType<Process>())
            {
                if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
                await daemon.WaitForExitAsync();
                daemon.Dispose();
            }
        }
        folder.Dispose();
    }
}
