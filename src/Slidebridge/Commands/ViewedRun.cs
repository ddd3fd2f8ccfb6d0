using System.Globalization;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.LocalViewing;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;

namespace Slidebridge.Commands;

/// <summary>Classifies the slides of <c>view</c>, and shows on the page and in the terminal how that goes.</summary>
/// <param name="results">Receives the result.</param>
/// <param name="error">The terminal.</param>
sealed class ViewedRun(LocalResults results, TextWriter error)
{
    /// <summary>Runs the classifier once. A failure is shown, not thrown.</summary>
    public async Task RunAsync(RunnableClassifier classifier, ClassificationTask task, CancellationToken cancellationToken)
    {
        try
        {
            results.Say($"The classifier {classifier.Name} starts …");
            await classifier.WarmUpAsync(cancellationToken);
            var found = await ScanBars.ShowAsync(error, classifier.Name, task.Scans, context =>
                LoneClassifiers.ClassifyAsync(classifier, task, context with { Progress = new ToPage(context.Progress, classifier.Name, task.Scans.Count, results) }, cancellationToken));
            results.Show(ResultsValidator.SerializeValid(found, [.. task.Scans.Select(scan => scan.Id)]), $"Result of {classifier.Name}, {TimeProvider.System.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}.");
            foreach (var line in ResultSummary.Of(found)) await error.WriteLineAsync(line);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        // The user is the classifier's author, and needs to know where it failed.
        catch (Exception e)
        {
            await FailAsync(e);
        }
    }

    /// <summary>Shows why there is no result.</summary>
    public async Task FailAsync(Exception e)
    {
        // The message repeats the last line; a traceback has more.
        var words = e.GetBaseException() is LastWords last && last.Message.Trim().Contains('\n') ? last.Message.TrimEnd() + "\n" : "";
        var text = PlainText.Lines(words + (e is SlidebridgeException ? e.Message : $"The classifier failed: {e}"));
        results.Say(text, isFailed: true);
        await error.WriteLineAsync("slidebridge: " + text);
    }

    sealed class ToPage(IProgress<ScanProgress> terminal, string classifier, int scans, LocalResults results) : IProgress<ScanProgress>
    {
        readonly Dictionary<string, double> done = [];

        public void Report(ScanProgress value)
        {
            terminal.Report(value);
            double part;
            lock (done)
            {
                done[value.ScanId] = value.Fraction;
                part = done.Values.Sum() / scans;
            }
            results.Say(string.Create(CultureInfo.InvariantCulture, $"The classifier {classifier} works: {100 * part:0} %"));
        }
    }
}
