using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Hosting;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge serve</c>: the bridge itself.</summary>
static class ServeCommand
{
    public static Command Create(BridgeBuilder bridge)
    {
        var command = new Command("serve", """
            Runs the bridge: webhook, tasks, classifiers, delivery.

            It receives the platform's tasks on POST /webhook, runs the classifier on their slides, and posts the results back.

            Every setting can also be given as a variable (--api-key-id is SLIDEBRIDGE_API_KEY_ID) or in slidebridge.json
            (apiKeyId); a flag overrides a variable, a variable overrides the file. Keep secrets out of the command line.

            Exit code: 0 stopped (Ctrl-C, SIGTERM), 1 it cannot run, 2 wrong arguments or settings.

            Example:
              SLIDEBRIDGE_API_KEY_SECRET=… slidebridge serve --port 3000 --api-key-id ID --host ci.techcyte.com
            """);
        var settings = new SettingOptions(command, readsUsualFile: true);
        return command.Does(async (parsed, cancellationToken) =>
        {
            try
            {
                return await RunAsync(settings.Read(parsed, bridge.DefaultClassifier), bridge, cancellationToken);
            }
            // A server that is stopped during its start also stops normally: none of its work was interrupted.
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }
        });
    }

    static async Task<int> RunAsync(BridgeOptions options, BridgeBuilder bridge, CancellationToken cancellationToken)
    {
        CheckPort(options.Listen);
        // Temporary files of libraries are deleted with the data directory's work folder at the next start.
        if (!OperatingSystem.IsWindows()) ProgramEnvironment.MoveTemporaryFiles(Path.Combine(Path.GetFullPath(options.Data), "work", "tmp"));
        await using var app = await BridgeServer.CreateAsync(options, bridge.AddTo, cancellationToken: cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopStartedAsync(app);
            throw;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await StopStartedAsync(app);
            throw CommandException.PortIsTaken(options.Listen.Port);
        }
        var catalog = app.Services.GetRequiredService<ClassifierCatalog>();
        // A log of JSON has the output to itself.
        await (options.Log.IsJson ? Console.Error : Console.Out).WriteLineAsync($"""
            Slidebridge listens on {Listening(new Uri(app.Urls.First()), options)}
              {Work(options, catalog)}
              {(UsesPrograms(options.Classifier) ? $"programs are {app.Services.GetRequiredService<ProgramHost>().Description}\n  " : "")}{Kept(options)}; Ctrl-C stops it, and the next start continues where it stopped
            """);
        foreach (var warning in Warnings(options)) await Console.Error.WriteLineAsync("warning: " + warning);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Stops what an incomplete start has started, so that it does not find its services disposed. No task runs yet, and Quartz would wait for a start that never comes.</summary>
    static async Task StopStartedAsync(WebApplication app)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await app.StopAsync(limit.Token);
    }

    /// <summary>Before anything else starts: another bridge may use this port and this data directory, and the port is the clearer sentence.</summary>
    static void CheckPort(IPEndPoint listen)
    {
        if (listen.Port == 0) return;
        using var probe = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(listen);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            throw CommandException.PortIsTaken(listen.Port);
        }
        catch (SocketException)
        {
            // Kestrel says what is wrong with the address.
        }
    }

    /// <summary>The address from the operating system, and the webhook's path.</summary>
    static string Listening(Uri address, BridgeOptions options)
    {
        var everywhere = options.Listen.Address.Equals(IPAddress.Any) ? ", every IPv4 address of this machine" : options.Listen.Address.Equals(IPAddress.IPv6Any) ? ", every IPv4 and IPv6 address of this machine" : "";
        var path = $"webhook{(options.Webhook.Keys.Count == 0 ? "" : "/KEY")}";
        return $"{address}{everywhere}{(!options.Node.TakesTasks ? "" : everywhere.Length > 0 ? $" for tasks on /{path}" : $" for tasks on {address}{path}")}";
    }

    static string Work(BridgeOptions options, ClassifierCatalog catalog) => options.Node.RunsTasks
        ? $"{Classifiers(options.Classifier, catalog)}{(catalog.Routed.Count == 0 ? "" : $", {Counted.Text(options.Classifier.AtATime, "task")} at a time")}{(options.Classifier.IsClusterWide ? " on all nodes together" : "")}{(options.Node.Serves.Count > 0 ? $", for {string.Join(", ", options.Node.Serves)}" : "")}; results go to {options.Platform.Address.Host}"
        : $"runs no tasks: workers of group {options.Classifier.Group} run the tasks that it receives";

    static bool UsesPrograms(ClassifierOptions options) => options.Routes.Select(r => options.Defined.FirstOrDefault(d => d.Name == r.Classifier)?.Use ?? r.Classifier).Any(use => ClassifierKind.Of(use, out _) is { IsProgram: true });

    // Only the names, because a command may contain a secret.
    static string Classifiers(ClassifierOptions options, ClassifierCatalog catalog) => options.Routes is [{ TakesAll: true }]
        ? $"classifier {Names(options, catalog).Single()}"
        : $"{Counted.Text(options.Routes.Count, "route")} to the classifiers {string.Join(", ", Names(options, catalog))}";

    static IEnumerable<string> Names(ClassifierOptions options, ClassifierCatalog catalog) =>
        [.. catalog.Routed.Select(c => c.Name), .. options.Defined.Where(d => d.Worker is not null && options.Routes.Any(r => r.Classifier == d.Name)).Select(d => $"{d.Name} on workers of the group {d.Worker!.Group}")];

    static string Kept(BridgeOptions options) => options.Database.Postgres is null
        ? $"data in {Path.GetFullPath(options.Data)}"
        : $"node {options.Node.Name}, tasks in PostgreSQL, the rest in {Path.GetFullPath(options.Data)}";

    static IEnumerable<string> Warnings(BridgeOptions options)
    {
        if (options.Node.RunsTasks && !options.Platform.Address.IsLoopback && options.Classifier.Routes.Any(r => r.Classifier == BridgeBuilder.Boxes))
            yield return $"the classifier {BridgeBuilder.Boxes} draws four fixed boxes on every slide, and the bridge posts them to {options.Platform.Address.Host} as results; use --classifier to run yours.";
        if (options.Platform.ApiKeyId is null)
            yield return "no API key is set (--api-key-id, --api-key-secret): a result whose task's own token has expired cannot be delivered.";
        if (options.Api.Token is null && !options.Api.IsLoopback)
            yield return "no --api-token is set, so the API shows tasks and results to nobody. Set one, or use --listen localhost.";
        if (options.Webhook.AllowsTokenless)
            yield return "tasks without a token are accepted from everywhere (--allow-tokenless-tasks): anyone who knows the webhook's address can make the bridge post the result of another slide to a task of the platform.";
        if (options.Database.Postgres is not null && options.KeyRing.Directory is null)
            yield return "the keys that encrypt tokens and URLs are in the same database; set --key-ring to a separate directory.";
    }
}
