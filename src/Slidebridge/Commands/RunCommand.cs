using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers;
using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge run</c>: the classifier on one slide, without a platform.</summary>
static class RunCommand
{
    /// <summary>The scan's id in the results: there is no platform to give one.</summary>
    const string ScanId = "1";

    public static Command Create(BridgeBuilder bridge)
    {
        var slide = new Argument<string>("SLIDE_OR_URL") { Description = "A slide's file or folder, or its http(s) URL." };
        var classifier = new Option<string>("--classifier") { HelpName = "NAME", Description = "The classifier that runs.", DefaultValueFactory = _ => bridge.DefaultClassifier };
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "Where results.json and overlay.png go.", DefaultValueFactory = _ => "./slidebridge-run" };
        var command = new Command("run", """
            Runs a classifier on one slide without a platform, checks its result by the platform's rules, and writes
            results.json (what would be posted) and overlay.png (the slide with what was found).

            Example:
              slidebridge run slide.svs --classifier tissue --out ./out
            """)
        { slide, classifier, output };
        return command.Does((parsed, cancellationToken) => RunAsync(bridge, parsed.GetValue(slide)!, parsed.GetValue(classifier)!, parsed.GetValue(output)!, cancellationToken));
    }

    static async Task<int> RunAsync(BridgeBuilder bridge, string pathOrUrl, string name, string output, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(new ClassifierOptions(name, 1)).AddSingleton<ClassifierCatalog>();
        bridge.AddTo(services);
        await using var provider = services.BuildServiceProvider();
        var classifier = provider.GetRequiredService<ClassifierCatalog>().Get(name);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        await using var scan = new Scan(ScanId, null, c => NamedSlide.OpenAsync(pathOrUrl, c));
        var slide = await scan.OpenSlideAsync(cancellationToken);
        var results = await WithProgressAsync($"{name} on {slide.Width} × {slide.Height}", progress =>
            classifier.EndingSoonAfterAsync(classifier.ClassifyAsync(new ClassificationTask { TaskId = 1, Scans = [scan] }, new ClassifierContext(progress, NullLogger.Instance), ending), ending.Token, cancellationToken));
        var json = ResultsValidator.SerializeValid(results, [ScanId]);

        Directory.CreateDirectory(output);
        var resultsPath = Path.Combine(output, "results.json");
        var overlayPath = Path.Combine(output, "overlay.png");
        await File.WriteAllBytesAsync(resultsPath, json, cancellationToken);
        var picture = await OverlayThumbnails.TakeAsync(slide, cancellationToken);
        await File.WriteAllBytesAsync(overlayPath, OverlayPainter.Paint(picture, results.ScanResults is [var first, ..] ? first : null), cancellationToken);
        await Console.Out.WriteLineAsync($"{resultsPath}\n{overlayPath}");
        return 0;
    }

    static Task<T> WithProgressAsync<T>(string what, Func<IProgress<ScanProgress>, Task<T>> work) =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async bars =>
        {
            var bar = bars.AddTask(Markup.Escape(what), maxValue: 1);
            var result = await work(new ToBar(bar));
            bar.Value = 1;
            return result;
        });

    sealed class ToBar(ProgressTask bar) : IProgress<ScanProgress>
    {
        public void Report(ScanProgress value) => bar.Value = value.Fraction;
    }
}
