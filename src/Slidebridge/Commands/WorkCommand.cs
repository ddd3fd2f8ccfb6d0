using System.CommandLine;
using System.Diagnostics;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Telemetry;
using Slidebridge.Units;
using Slidebridge.Workers;
using Slidebridge.Workers.Remote;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge work</c>: a worker that fetches its work over HTTPS.</summary>
static class WorkCommand
{
    static readonly TimeSpan GpuLimit = TimeSpan.FromSeconds(5);

    public static Command Create(BridgeBuilder bridge)
    {
        var command = new Command("work", """
            Runs tasks for a bridge on another machine.

            The worker only calls out: it asks the bridge for tasks over HTTPS, reads their slides from the store (or through the
            bridge), runs the classifier, and returns the results to the bridge, which delivers them. It needs no database, no
            platform key and no open port. If it is killed, another worker takes over its tasks.

            On the bridge, slidebridge.json names the classifier and the group of its workers:
              "classifiers": { "nuclei": { "kind": "worker", "group": "gpu" } }, "routes": [{ "classifier": "nuclei" }]

            Exit code: 0 it ended by itself (--until-idle, --tasks) or by SIGTERM, 1 the bridge does not accept it any more,
            2 wrong arguments, or the bridge does not accept it, 75 the bridge cannot be reached, 130 interrupted.

            Example:
              SLIDEBRIDGE_TOKEN=… slidebridge work --bridge https://bridge.example --group gpu --classifier nuclei
            """);
        var settings = new SettingOptions(command, WorkSettings.All);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var values = settings.Values(parsed);
            var connection = BridgeConnection.Of(values.Get(WorkSettings.Bridge) ?? new UriBuilder("http", "localhost", values.Get(ServeSettings.Port)).Uri, values.Get(WorkSettings.Token), values);
            if (connection.Url is { Scheme: "http", IsLoopback: false }) throw new SettingException("--bridge must begin with https://, because the worker's token and results are sent there.");
            var options = await OptionsAsync(values, connection, bridge.DefaultClassifier, cancellationToken);
            try
            {
                return await RunAsync(options, connection, new LogOptions(values.Get(ServeSettings.LogLevel), values.Get(ServeSettings.LogFormat)), bridge, cancellationToken);
            }
            finally
            {
                if (values.Get(WorkSettings.WorkData) is null) Delete(options.Data);
            }
        });
    }

    static async Task<WorkerOptions> OptionsAsync(SettingValues values, BridgeConnection connection, string defaultClassifier, CancellationToken cancellationToken)
    {
        var (outbound, classifiers) = (BridgeOptions.OutboundFrom(values), BridgeOptions.ClassifiersFrom(values, defaultClassifier));
        if (classifiers.Defined.FirstOrDefault(d => d.Worker is not null) is { } remote)
            throw new SettingException($"{remote.Place}: the classifier {remote.Name} has kind 'worker', as in the bridge's file. A worker's file says what it is, such as {{ \"use\": \"python:{remote.Name}.py\" }}.");
        return new WorkerOptions(
            values.Get(WorkSettings.Name) ?? Machine(),
            values.IsSet(ServeSettings.Group) ? [values.Get(ServeSettings.Group)] : [],
            classifiers,
            Path.GetFullPath(values.Get(WorkSettings.WorkData) ?? Directory.CreateTempSubdirectory("slidebridge-work-").FullName),
            values.Get(WorkSettings.Ahead), values.Get(WorkSettings.UntilIdle), values.Get(WorkSettings.Tasks), values.Get(WorkSettings.BridgeWait), TimeSpan.Zero,
            Reaching(outbound, connection.Url),
            new OpeningOptions(values.Get(ServeSettings.OpenTimeout)), await GpuAsync(cancellationToken), values.IsSet(WorkSettings.WorkData), values.Get(WorkSettings.Notice));
    }

    /// <summary>The bridge may relay slides.</summary>
    static OutboundOptions Reaching(OutboundOptions outbound, Uri bridge)
    {
        var host = HostPattern.Parse(bridge.IsDefaultPort ? bridge.Host : bridge.Authority);
        return outbound with { AllowedHosts = [.. outbound.AllowedHosts, host], SlideHosts = outbound.SlideHosts.Count == 0 ? [] : [.. outbound.SlideHosts, new SlideHost(host, "/work/")] };
    }

    static async Task<int> RunAsync(WorkerOptions options, BridgeConnection connection, LogOptions log, BridgeBuilder bridge, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows()) ProgramEnvironment.MoveTemporaryFiles(Path.Combine(options.Data, "work", "tmp"));
        using var http = connection.Open(connection.Url);
        http.Timeout = Timeout.InfiniteTimeSpan; // Each call has its own limit.
        using var host = WorkerHost.Create(options, http, new SlideRelay(connection.Url, connection.Token, new Dictionary<string, string> { [WorkerNames.Header] = options.Name }, connection.Authorities), log, bridge.AddTo);
        var loop = host.Services.GetRequiredService<WorkLoop>();
        await host.StartAsync(cancellationToken);
        await (log.IsJson ? Console.Error : Console.Out).WriteLineAsync($"""
            Worker {options.Name} works for {connection.Url.GetLeftPart(UriPartial.Authority)}{(options.Groups.Count > 0 ? $", group {string.Join(", ", options.Groups)}" : "")}
              classifier {string.Join(", ", host.Services.GetRequiredService<ClassifierCatalog>().Routed.Select(c => c.Name))}, {Counted.Text(options.Classifiers.AtATime, "task")} at a time; Ctrl-C stops it, and its tasks go to another worker
            """);
        await host.WaitForShutdownAsync(cancellationToken);
        if (loop.Failure is not { } failure) return 0;
        await Console.Error.WriteLineAsync($"slidebridge: {PlainText.Lines(failure.Message)}");
        return failure is BridgeAwayException ? CommandLine.TryAgain : loop.WasAccepted ? 1 : 2;
    }

    static string Machine() => $"{new string([.. Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-').Take(40)])}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>The machine's GPUs, as NVIDIA's tool names them; null where there is none.</summary>
    static async Task<string?> GpuAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null) return null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(GpuLimit);
            var names = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            string[] gpus = names.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return process.ExitCode != 0 || gpus.Length == 0 ? null : string.Join(", ", gpus.GroupBy(name => name).Select(g => g.Count() == 1 ? g.Key : $"{g.Count()} × {g.Key}"));
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A program that does not end may still use it.
        }
    }
}
