using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slidebridge.Hosting;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Slidebridge.SimulatorPages;
using Slidebridge.Slides.Writing;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge demo</c>: simulator and bridge in one process, one AI request, each step printed as it happens.</summary>
static partial class DemoCommand
{
    const string Folder = "slidebridge-demo";

    /// <summary>A generated slide of a small biopsy's size, in level-0 pixels.</summary>
    const int SlideWidth = 6144, SlideHeight = 4608;

    /// <summary>Time limit of a demo.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Create(BridgeBuilder bridge)
    {
        var once = new Option<bool>("--once") { Description = "Stop when the result is posted." };
        var slide = new Option<string?>("--slide") { HelpName = "FILE", Description = "The slide to use. Default: a generated slide." };
        var classifier = new Option<string>("--classifier") { HelpName = "NAME", Description = "The classifier that runs.", DefaultValueFactory = _ => bridge.DefaultClassifier };
        var command = new Command("demo", """
            Shows the whole loop on this machine.

            It needs no account and no network. A simulated platform makes an AI request; the bridge takes it, reads the slide by ranges,
            classifies it and posts the result back. Exit code: 0 shown, 1 failed, 2 wrong arguments, 130 interrupted before the end.

            Example:
              slidebridge demo --once --classifier tissue
            """)
        { once, slide, classifier };
        return command.Does((parsed, cancellationToken) => RunAsync(bridge, parsed.GetValue(slide), parsed.GetValue(classifier)!, parsed.GetValue(once), cancellationToken));
    }

    static async Task<int> RunAsync(BridgeBuilder bridge, string? slide, string classifier, bool once, CancellationToken cancellationToken)
    {
        if (slide is not null && !File.Exists(slide)) throw new CommandException($"--slide: the file {slide} does not exist.", 2);
        slide ??= await MakeSlideAsync(cancellationToken);

        Step("the platform simulator starts");
        var port = FreePort(3000);
        var webhook = new Uri($"http://127.0.0.1:{port}/webhook");
        await using var simulator = await StartAsync(slide, webhook, cancellationToken);

        Step("the bridge starts");
        await using var app = await BridgeServer.CreateAsync(Options(simulator, port, classifier), bridge.AddTo, quiet: true, cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken);
            return await ShowAsync(app, simulator, Path.GetFileName(slide), webhook, once, cancellationToken);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None); // Also after an interruption: running work must not find its services disposed.
        }
    }

    static Task<Simulator.Simulator> StartAsync(string slide, Uri webhook, CancellationToken cancellationToken)
    {
        var options = new SimulatorOptions { Port = FreePort(9000), SlidesDirectory = Path.GetDirectoryName(Path.GetFullPath(slide))!, OnEvent = e => Tell("platform", $"{e}") };
        return Simulator.Simulator.StartAsync(SimulatorPages.SimulatorPages.With(options, new SimulatorPageOptions(webhook), Path.Combine(Folder, "objects")), cancellationToken);
    }

    static async Task<int> ShowAsync(WebApplication app, Simulator.Simulator simulator, string slide, Uri webhook, bool once, CancellationToken cancellationToken)
    {
        Step("a pathologist asks for an AI analysis: the platform calls the bridge's webhook");
        var asked = (await simulator.RequestAsync(new AiRequest { Slides = [slide], Webhook = webhook.ToString() }, cancellationToken)).Single();
        var task = asked.TaskNumber;
        var ended = await FollowAsync(app.Services.GetRequiredService<TaskStore>(), task, cancellationToken);
        if (ended.State is not TaskState.Completed) throw new CommandException($"The task ended as {ended.State.Name()}: {ended.LastError}");

        await ShowAsync(app, ended, cancellationToken);
        if (once) return 0;
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLineInterpolated($"[bold]Open[/] [link]{simulator.Address}cases/{asked.CaseNumber}[/]");
        AnsiConsole.WriteLine("It is the case on the simulated platform: the result on the slide, more AI requests, faults to switch on, and the bridge's own pages.");
        AnsiConsole.WriteLine("The demo keeps running; Ctrl-C stops it.");
        // Everything was shown: stopping now is not an interruption.
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    static BridgeOptions Options(Simulator.Simulator simulator, int port, string classifier)
    {
        var values = new Dictionary<Setting, string>
        {
            [ServeSettings.Port] = port.ToString(CultureInfo.InvariantCulture),
            [ServeSettings.Listen] = "localhost",
            [ServeSettings.Drain] = "0s",
            [ServeSettings.Data] = Path.Combine(Folder, "data"),
            [ServeSettings.Classifier] = classifier,
            [ServeSettings.PlatformUrl] = simulator.Address.ToString(),
            [ServeSettings.AllowHost] = simulator.Address.Host,
            [ServeSettings.ApiKeyId] = simulator.Options.ApiKeyId,
            [ServeSettings.ApiKeySecret] = simulator.Options.ApiKeySecret,
        };
        return BridgeOptions.From(new SettingValues(ServeSettings.All, s => values.TryGetValue(s, out var value) ? [value] : null, _ => null, null), classifier);
    }

    static async Task<string> MakeSlideAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Folder, "slides", "demo.svs");
        if (File.Exists(path)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Step($"a slide with generated tissue is made, {SlideWidth} × {SlideHeight} pixels");
        var unfinished = path + ".part";
        await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            var bar = context.AddTask("painting", maxValue: 1);
            var progress = new Progress<double>(part => bar.Value = part);
            await SyntheticTissue.Create(SlideWidth, SlideHeight, seed: 1).WriteAsync(unfinished, progress: progress, cancellationToken: cancellationToken);
        });
        File.Move(unfinished, path);
        return path;
    }

    static async Task<BridgeTask> FollowAsync(TaskStore store, long number, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var told = 0;
        try
        {
            while (true)
            {
                if (await store.FindWithEventsAsync(number, patience.Token) is { } task)
                {
                    foreach (var step in task.Events.Skip(told)) Tell("bridge", $"task {number} is {step.State.Name()}: {step.Text}");
                    told = task.Events.Count;
                    if (task.State.IsEnded()) return task;
                }
                await Task.Delay(50, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"The task did not end within {Patience.TotalMinutes} minutes.");
        }
    }

    static async Task ShowAsync(WebApplication app, BridgeTask task, CancellationToken cancellationToken)
    {
        var json = (await app.Services.GetRequiredService<TaskStore>().FindResultAsync(task.Number, cancellationToken))!;
        var results = ResultsJson.Parse(json);
        Step("the result on the platform");
        foreach (var line in ResultSummary.Of(results)) AnsiConsole.MarkupLineInterpolated($"  {line}");
        var whole = Path.GetFullPath(Path.Combine(Folder, "result.json"));
        using var document = JsonDocument.Parse(json);
        await File.WriteAllTextAsync(whole, NumbersInLine().Replace(JsonSerializer.Serialize(document.RootElement, Indented), list => Spaces().Replace(list.Value, " ")), cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"Whole result    {whole}");

        var scan = task.Scans[0].ScanId;
        var overlay = Path.GetFullPath(Path.Combine(Folder, "overlay.png"));
        if (OverlayBase.Of(await app.Services.GetRequiredService<TaskStore>().FindPictureAsync(task.Number, scan, cancellationToken)) is { } picture)
        {
            await File.WriteAllBytesAsync(overlay, OverlayPainter.Paint(picture, results.ScanResults.FirstOrDefault(r => r.ScanId == scan)), cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"Overlay picture {overlay}");
        }
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A list of numbers: a position or a box, which is easier to read on one line.</summary>
    [GeneratedRegex(@"\[[\s\d.,eE+-]+\]")]
    private static partial Regex NumbersInLine();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    static void Step(string what) => AnsiConsole.MarkupLineInterpolated($"[bold]▸ {what}[/]");

    static void Tell(string who, string what) => AnsiConsole.MarkupLineInterpolated($"  [dim]{who,-8}[/] {PlainText.Line(what)}");

    /// <summary>The preferred port, or any free one.</summary>
    static int FreePort(int preferred)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, preferred);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException) when (preferred != 0)
        {
            return FreePort(0);
        }
    }
}
