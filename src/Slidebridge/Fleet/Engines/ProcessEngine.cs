using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Slidebridge.Security;

namespace Slidebridge.Fleet.Engines;

/// <summary>
/// Workers as processes of this machine, which live on if the bridge dies. A worker's process is found by its environment: <c>SLIDEBRIDGE_NAME</c> is its name, and <c>SLIDEBRIDGE_FLEET</c> its bridge. So no file can be wrong about it. Linux only.
/// </summary>
sealed class ProcessEngine(ProcessOptions options, string group, EngineServices services) : IFleetEngine
{
    const string Name = "SLIDEBRIDGE_NAME=", Fleet = "SLIDEBRIDGE_FLEET";

    /// <summary>Which bridge of this machine the workers belong to.</summary>
    string Own => $"{Fleet}={services.Logs}";

    /// <summary>Ended children, for as long as they may be asked for.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    static readonly TimeSpan LogsAreKept = TimeSpan.FromDays(7);

    readonly Dictionary<string, (Process Process, DateTimeOffset At)> children = [];
    readonly Lock gate = new();

    /// <summary>The token of later workers is another one, because a token does not last for ever.</summary>
    static readonly TimeSpan TokenIsGoodFor = TimeSpan.FromHours(12);

    (Task<string> Token, DateTimeOffset At)? made;

    public async Task StartAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        if (Running().Any(each => each.Name == request.Name)) return;
        // Not the bridge's own output: a reader of that would wait for its end as long as a worker lives.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec >>\"$0\" 2>&1 </dev/null; exec {options.Command ?? "\"$@\""}", LogOf(request.Name), .. options.Command is null ? [Environment.ProcessPath!, .. OwnArguments()] : Array.Empty<string>()]);
        EngineCommand.HideSettings(start);
        if (options.Command is null && services.Address?.Invoke() is { } address) start.Environment["SLIDEBRIDGE_BRIDGE"] = address.AbsoluteUri;
        // A child of the bridge is nobody whom it trusts: it could be a classifier.
        if (await TokenAsync() is { } token) start.Environment["SLIDEBRIDGE_TOKEN"] = token;
        start.Environment[Fleet] = services.Logs ?? "";
        foreach (var (name, value) in request.Environment) start.Environment[name] = value;
        try
        {
            lock (gate) children[request.Name] = (Process.Start(start)!, services.Time.GetUtcNow());
        }
        catch (Win32Exception e)
        {
            throw new FleetEngineException($"the worker's process cannot be started: {e.Message}", e);
        }
    }

    /// <summary>The file that a worker prints to. Those of workers that ended long ago are deleted.</summary>
    string LogOf(string name)
    {
        if (services.Logs is not { } folder) return "/dev/null";
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(folder))
            if (services.Time.GetUtcNow() - File.GetLastWriteTimeUtc(file) > LogsAreKept) File.Delete(file);
        return Path.Combine(folder, name + ".log");
    }

    async Task<string?> TokenAsync()
    {
        if (services.MakeToken is not { } make) return null;
        lock (gate)
        {
            var now = services.Time.GetUtcNow();
            if (made is not { } last || now - last.At > TokenIsGoodFor || last.Token.IsFaulted) made = (make(group), now);
        }
        return await made.Value.Token;
    }

    /// <summary>A program that is started by <c>dotnet NAME.dll</c> is called in the same way.</summary>
    static IEnumerable<string> OwnArguments()
    {
        var first = Environment.GetCommandLineArgs()[0];
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [first, "work"] : ["work"];
    }

    public Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        var all = Running().Select(each => new EngineWorker(each.Name, each.Id.ToString(CultureInfo.InvariantCulture), WorkerPhase.Running)).ToList();
        var names = all.Select(worker => worker.Name).ToHashSet();
        lock (gate)
        {
            foreach (var (name, (process, at)) in children.ToList())
            {
                if (!process.HasExited) continue;
                if (!names.Contains(name)) all.Add(new EngineWorker(name, process.Id.ToString(CultureInfo.InvariantCulture), WorkerPhase.Ended) { StartedAt = at, EndedAt = process.ExitTime, End = EndOf(process.ExitCode), Why = process.ExitCode == 0 ? null : $"exit code {process.ExitCode}" });
                if (services.Time.GetUtcNow() - process.ExitTime < Remembered) continue;
                process.Dispose();
                children.Remove(name);
            }
        }
        return Task.FromResult<IReadOnlyList<EngineWorker>>(all);
    }

    /// <summary>.NET reports a signal as 128 and its number. SIGTERM (15) comes from somebody; SIGKILL may come from a system that has no memory left, because of a task.</summary>
    static WorkerEnd EndOf(int code) => code switch { 0 => WorkerEnd.Finished, 128 + 15 => WorkerEnd.Taken, _ => WorkerEnd.Failed };

    public async Task StopAsync(EngineWorker worker, CancellationToken cancellationToken)
    {
        if (Running().Any(each => each.Name == worker.Name && each.Id.ToString(CultureInfo.InvariantCulture) == worker.Id)) await EngineCommand.RunAsync(["kill", "-TERM", worker.Id], null, null, cancellationToken);
    }

    /// <summary>The processes that show a worker's name: proc(5), <c>/proc/PID/environ</c>. A worker's own children have its environment too; the worker is the one whose parent does not.</summary>
    IReadOnlyList<(string Name, int Id)> Running()
    {
        var found = new Dictionary<int, (string Name, int Parent)>();
        foreach (var (id, stat) in ProcessTable.Read())
        {
            if (stat[0] is "Z" || ProcessTable.Read(id, "environ")?.Split('\0') is not { } variables || !variables.Contains(Own)) continue;
            if (variables.FirstOrDefault(each => each.StartsWith(Name, StringComparison.Ordinal)) is { } variable) found[id] = (variable[Name.Length..], ProcessTable.ParentOf(stat));
        }
        return [.. found.Where(each => !found.TryGetValue(each.Value.Parent, out var parent) || parent.Name != each.Value.Name).Select(each => (each.Value.Name, each.Key))];
    }
}
