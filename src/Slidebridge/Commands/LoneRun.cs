using System.CommandLine;
using System.Text;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Commands;

/// <summary>
/// Classifies one task without a bridge, for <c>run</c> and <c>send --run</c>: shows the progress, checks the results by the platform's rules, writes them, and prints a summary.
/// Its stdout is the files' names, or with <c>--json</c> the results; everything else goes to stderr.
/// </summary>
sealed class LoneRun
{
    readonly Option<string> output = new("--out") { HelpName = "DIR", Description = "Folder for the files. Those of an earlier run are replaced.", DefaultValueFactory = _ => "./slidebridge-run" };
    readonly Option<bool> json = new("--json") { Description = "Print the results instead of the files' names." };

    public LoneRun(Command command)
    {
        command.Options.Add(output);
        command.Options.Add(json);
    }

    /// <summary>Classifies the task and writes the results.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="isDefault">The user did not name the classifier.</param>
    /// <param name="task">The task; its scans' slides are open.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ParseResult parsed, RunnableClassifier classifier, bool isDefault, ClassificationTask task, CancellationToken cancellationToken)
    {
        var (folder, error) = (parsed.GetValue(output)!, parsed.InvocationConfiguration.Error);
        OutputFolder.Check(folder);
        if (isDefault) await error.WriteLineAsync($"classifier: {classifier.Name}, the default; use --classifier for another");
        var debug = new RunDebugFiles(folder);
        var results = await ClassifyAsync(classifier, task, debug, error, cancellationToken);
        var bytes = ResultsValidator.SerializeValid(results, [.. task.Scans.Select(s => s.Id)]);
        var files = await RunFiles.WriteAsync(folder, results, bytes, task.Scans, cancellationToken);
        await SlideWarningLines.WriteAsync(task.Scans, error, cancellationToken);
        foreach (var scan in task.Scans)
            if (await scan.OpenSlideAsync(cancellationToken) is var slide && OutsideShapes.Find(bytes, scan.Id, slide.Width, slide.Height) is { } warning)
                await error.WriteLineAsync($"warning: scan {scan.Id}: {SlideWarningLines.Of(warning)}");
        foreach (var line in ResultSummary.Of(results)) await error.WriteLineAsync(line);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? Encoding.UTF8.GetString(bytes) : string.Join('\n', files.Concat(debug.Written)));
        return 0;
    }

    static async Task<TaskResults> ClassifyAsync(RunnableClassifier classifier, ClassificationTask task, RunDebugFiles debug, TextWriter progressTo, CancellationToken cancellationToken)
    {
        try
        {
            await classifier.WarmUpAsync(cancellationToken);
            return await ScanBars.ShowAsync(progressTo, classifier.Name, task.Scans, context => LoneClassifiers.ClassifyAsync(classifier, task, context with { DebugFile = debug.Write }, cancellationToken));
        }
        catch (Exception e) when (e.GetBaseException() is LastWords)
        {
            await progressTo.WriteLineAsync(e.GetBaseException().Message);
            throw;
        }
        // The user is the classifier's author, and needs to know where it failed.
        catch (Exception e) when (e is not (OperationCanceledException or SlidebridgeException))
        {
            throw new CommandException($"The classifier {classifier.Name} failed: {e}");
        }
    }
}
