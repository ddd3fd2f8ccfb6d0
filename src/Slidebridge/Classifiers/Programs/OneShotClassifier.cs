using System.Text.Json;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A classifier that is a script: started for each task, it reads a task file and writes a result file, whose paths it finds in its environment.
/// </summary>
sealed partial class OneShotClassifier(ProgramCommand command, ClassifierLimits limits) : IClassifier
{
    /// <summary>sysexits(3), EX_TEMPFAIL: trying again later may help.</summary>
    const int TemporaryFailure = 75;

    /// <summary>No result is larger.</summary>
    const long LargestResult = 256 * 1024 * 1024;

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("slidebridge-one-shot-");
        try
        {
            var (taskFile, resultFile) = (Path.Combine(folder.FullName, "task.json"), Path.Combine(folder.FullName, "result.json"));
            var told = await TaskMessage.OfAsync(task, withPaths: true, cancellationToken);
            told["protocol"] = TaskMessage.Protocol;
            await File.WriteAllBytesAsync(taskFile, JsonSerializer.SerializeToUtf8Bytes(told, ProtocolJson.Default.JsonObject), cancellationToken);
            await RunAsync(taskFile, resultFile, context.Logger, cancellationToken);
            var results = new FileInfo(resultFile);
            if (!results.Exists) throw new ClassifierException("The program ended well (code 0) but wrote no result to the file that SLIDEBRIDGE_RESULT names.");
            if (results.Length > LargestResult) throw new ClassifierException($"The program's result has {results.Length} bytes; at most {LargestResult}.");
            return ProgramResults.Of(await File.ReadAllBytesAsync(resultFile, cancellationToken), task);
        }
        finally
        {
            Delete(folder);
        }
    }

    async Task RunAsync(string taskFile, string resultFile, ILogger logger, CancellationToken cancellationToken)
    {
        var started = command with { Variables = new Dictionary<string, string>(command.Variables) { ["SLIDEBRIDGE_TASK"] = taskFile, ["SLIDEBRIDGE_RESULT"] = resultFile } };
        Action<string> log = line => LogLine(logger, line);
        await using var program = ProgramProcess.Start(started, limits.Memory, log, printed: log);
        program.CloseInput();
        await using var killing = cancellationToken.Register(() => program.Kill("was stopped"));
        var code = await program.EndedAsync(Timeout.InfiniteTimeSpan);
        var how = program.HowItEnded;
        cancellationToken.ThrowIfCancellationRequested();
        if (code == 0) return;
        if (program.WasTooLarge) throw new ProgramFailedException($"it {how}.", mayPass: false, program.LastWords);
        if (code is TemporaryFailure || code > 128) throw new ProgramDiedException($"The program {how}.", program.LastWords);
        throw new ProgramFailedException($"it {how}{(program.LastWords.LastLine is { Length: > 0 } line ? $": {line}" : ".")}", mayPass: false, program.LastWords);
    }

    static void Delete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something that the program started writes on. The system clears it away.
        }
    }

    [LoggerMessage(202, LogLevel.Debug, "{Line}")]
    static partial void LogLine(ILogger logger, string line);
}
