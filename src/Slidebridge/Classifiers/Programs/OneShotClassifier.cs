using System.Text.Json;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A classifier that is a script: it is started for each task, reads a task file and writes a result file; environment variables contain their paths.
/// </summary>
sealed partial class OneShotClassifier(ProgramHost host, ProgramCommand command, ClassifierLimits limits) : IClassifier, IMadeOfFiles
{
    /// <summary>sysexits(3), EX_TEMPFAIL: a retry may help.</summary>
    const int TemporaryFailure = 75;

    public IReadOnlyList<string> Files => command.Files;

    /// <summary>A script says nothing before its first task.</summary>
    public string? Version => null;

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var (place, resultBytes) = (host.CreatePlace(), 0L);
        try
        {
            var (taskFile, resultFile) = (Path.Combine(place.Files, "task.json"), Path.Combine(place.Written, "result.json"));
            var told = await TaskMessage.OfAsync(task, limits.Urls, place.Show, cancellationToken);
            told["protocol"] = TaskMessage.Protocol;
            told["debug"] = place.Debug;
            await File.WriteAllBytesAsync(taskFile, JsonSerializer.SerializeToUtf8Bytes(told, ProtocolJson.Default.JsonObject), cancellationToken);
            host.User?.Own(taskFile);
            await RunAsync(place, taskFile, resultFile, context.Logger, cancellationToken);
            var json = await ReadAsync(resultFile, cancellationToken);
            resultBytes = json.Length;
            return ProgramResults.Of(json, task);
        }
        finally
        {
            DebugFiles.Collect(place, context);
            place.Dispose();
            LargeMemory.Free(resultBytes);
        }
    }

    async Task<byte[]> ReadAsync(string resultFile, CancellationToken cancellationToken)
    {
        await using var file = WrittenFile.Open(resultFile) ?? throw new ClassifierException("The program ended with code 0, but wrote no result to the file that SLIDEBRIDGE_RESULT names.");
        if (file.Length > host.LargestResult) throw ProgramResults.TooLarge(file.Length, host.LargestResult);
        var json = new byte[file.Length];
        await file.ReadExactlyAsync(json, cancellationToken);
        return json;
    }

    async Task RunAsync(ProgramPlace place, string taskFile, string resultFile, ILogger logger, CancellationToken cancellationToken)
    {
        var started = command with { Variables = new Dictionary<string, string>(command.Variables) { ["SLIDEBRIDGE_TASK"] = taskFile, ["SLIDEBRIDGE_RESULT"] = resultFile } };
        Action<string> log = line => LogLine(logger, line);
        await using var program = ProgramProcess.Start(host, place, started, limits.Memory, log, printed: log, keepsPlace: true);
        program.CloseInput();
        await using var killing = cancellationToken.Register(() => program.Kill("was stopped"));
        var code = await program.EndedAsync(Timeout.InfiniteTimeSpan);
        var how = program.HowItEnded;
        cancellationToken.ThrowIfCancellationRequested();
        if (code == 0) return;
        if (program.WasTooLarge) throw new ProgramFailedException($"the program {how}.", program.LastWords);
        if (code is TemporaryFailure || code > 128) throw new ProgramDiedException($"The program {how}.", program.LastWords);
        throw new ProgramFailedException($"the program {how}{(program.LastWords.LastLine is { Length: > 0 } line ? $": {line}" : ".")}", program.LastWords);
    }

    [LoggerMessage(232, LogLevel.Debug, "{Line}")]
    static partial void LogLine(ILogger logger, string line);
}
