using System.Diagnostics;
using Slidebridge;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

if (args is [CommandHost.Argument]) return await CommandHost.RunAsync();

// A bridge as a vendor builds it, with a classifier that a test can hold back: so a task can be met while it is classified.
return await Bridge.CreateBuilder(args).AddClassifier<HeldClassifier>("held").RunAsync();

/// <summary>
/// Reads a little of every slide, then waits for as long as the file <c>SLIDEBRIDGE_TEST_HOLD</c> is there. For the model <c>poison</c> its process dies;
/// for the model <c>stubborn</c> it does not hear that it is to stop.
/// </summary>
sealed class HeldClassifier : IClassifier
{
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            await slide.ReadTileAsync(0, 0, 0, cancellationToken: cancellationToken);
            context.Progress.Report(new ScanProgress(scan.Id, 0.5));
            results.Scan(scan.Id).Box(0, 0, slide.Width, slide.Height, "held");
        }
        if (task.Model == "poison") Process.GetCurrentProcess().Kill();
        if (task.Model == "stubborn") cancellationToken = CancellationToken.None;
        // Long enough that a kill meets it.
        await Task.Delay(Random.Shared.Next(200, 600), cancellationToken);
        var hold = Environment.GetEnvironmentVariable("SLIDEBRIDGE_TEST_HOLD");
        while (hold is not null && File.Exists(hold)) await Task.Delay(20, cancellationToken);
        return results.Build();
    }
}
