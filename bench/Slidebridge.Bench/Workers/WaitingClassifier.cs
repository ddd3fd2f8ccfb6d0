using System.Diagnostics;
using System.Globalization;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Bench.Workers;

/// <summary>Reads a tile of each slide, and then waits: the time of a model on a GPU, which takes no processor of this machine. It writes when it began and ended.</summary>
sealed class WaitingClassifier : IClassifier
{
    /// <summary>The bench as a bridge or a worker with this classifier: <c>Slidebridge.Bench.dll waiting work …</c></summary>
    public const string Verb = "waiting";

    /// <summary>Milliseconds of the wait.</summary>
    public const string Wait = "SLIDEBRIDGE_BENCH_WAIT";

    /// <summary>The file that receives a line for each run: ticks of <see cref="Stopwatch"/>, which all processes of a machine share.</summary>
    public const string Times = "SLIDEBRIDGE_BENCH_TIMES";

    static readonly Lock Gate = new();

    public static Task<int> RunAsync(string[] arguments) => Bridge.CreateBuilder(arguments).AddClassifier<WaitingClassifier>(WorkSite.Classifier).RunAsync();

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            await slide.ReadTileAsync(0, 0, 0, cancellationToken: cancellationToken);
            results.Scan(scan.Id).Box(0, 0, slide.Width, slide.Height, "bench");
        }
        await Task.Delay(int.Parse(Environment.GetEnvironmentVariable(Wait) ?? "0", CultureInfo.InvariantCulture), cancellationToken);
        var built = results.Build();
        var line = string.Create(CultureInfo.InvariantCulture, $"{began} {Stopwatch.GetTimestamp()}\n");
        if (Environment.GetEnvironmentVariable(Times) is { } file)
            lock (Gate) File.AppendAllText(file, line);
        return built;
    }
}
