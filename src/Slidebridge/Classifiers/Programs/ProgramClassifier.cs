using System.Collections.Concurrent;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A classifier that is a program: <c>exec:</c>, <c>python:</c>, <c>devkit:</c>. Its processes keep running, because a model is loaded only once, and each works on one
/// task at a time; a process that dies, or breaks the protocol, is replaced at the next task. There are as many processes as concurrent tasks:
/// <see cref="RunnableClassifier"/> limits those.
/// </summary>
sealed partial class ProgramClassifier : IClassifier, IMadeOfFiles, IAsyncDisposable
{
    /// <summary>Maximum characters of a version.</summary>
    const int LongestVersion = 100;

    readonly ProgramHost host;
    readonly ProgramCommand command;
    readonly ClassifierLimits limits;
    readonly TimeProvider time;
    readonly ConcurrentStack<ProgramProcess> idle = [];

    public ProgramClassifier(ProgramHost host, ProgramCommand command, ClassifierLimits limits, TimeProvider time) => (this.host, this.command, this.limits, this.time) = (host, command, limits, time);

    public IReadOnlyList<string> Files => command.Files;

    /// <summary>What the process that started last has stated.</summary>
    public string? Version { get; private set; }

    public async Task WarmUpAsync(CancellationToken cancellationToken) => idle.Push(await StartAsync(cancellationToken));

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var program = await TakeAsync(cancellationToken);
        using var conversation = new Conversation(program, task, context, limits.Urls);
        try
        {
            program.LastWords.Clear();
            program.Log = line => LogError(context.Logger, line);
            return await conversation.RunAsync(cancellationToken);
        }
        finally
        {
            LargeMemory.Free(conversation.ResultBytes);
            DebugFiles.Collect(program.Place, context);
            await GiveBackAsync(program, conversation.IsOver);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (idle.TryPop(out var program)) await program.DisposeAsync();
    }

    async Task<ProgramProcess> TakeAsync(CancellationToken cancellationToken)
    {
        while (idle.TryPop(out var program))
        {
            if (program.IsStillGood()) return program;
            program.Kill("wrote messages between tasks"); // Or the process died between tasks.
            await program.DisposeAsync();
        }
        return await StartAsync(cancellationToken);
    }

    async Task GiveBackAsync(ProgramProcess program, bool isFit)
    {
        program.Log = null;
        if (isFit && !program.HasEnded)
        {
            program.Place.Clear();
            idle.Push(program);
            return;
        }
        program.Kill("is no longer used");
        await program.DisposeAsync();
    }

    /// <summary>Starts a process and waits until it is ready.</summary>
    async Task<ProgramProcess> StartAsync(CancellationToken cancellationToken)
    {
        var process = ProgramProcess.Start(host, command, limits.Memory);
        try
        {
            using var limit = new CancellationTokenSource(limits.StartTimeout < ClassifierLimits.LongestTimer ? limits.StartTimeout : ClassifierLimits.LongestTimer, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            using var message = await process.HearAsync(both.Token)
                ?? throw await DiedAsync(process);
            CheckReady(message.RootElement);
            Version = VersionOf(message.RootElement);
            return process;
        }
        catch (Exception e)
        {
            process.Kill("was not ready");
            await process.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new ClassifierException($"The program was not ready within {Duration.Text(limits.StartTimeout)} (--start-timeout){LastLine(process.LastWords)}.", new LastWords(process.LastWords)) { IsTransient = true };
            throw;
        }
    }

    static void CheckReady(System.Text.Json.JsonElement message)
    {
        if (message.GetProperty("type").GetString() is not "ready") throw new ClassifierException($"The program's first message must be of type 'ready', not '{message.GetProperty("type")}'.");
        if (Requests.Integer(message, "protocol", TaskMessage.Protocol) is not TaskMessage.Protocol and var other)
            throw new ClassifierException($"The program uses version {other} of the protocol, but this bridge uses version {TaskMessage.Protocol}.");
    }

    static string? VersionOf(System.Text.Json.JsonElement message) =>
        message.TryGetProperty("version", out var stated) && stated.ValueKind is System.Text.Json.JsonValueKind.String && PlainText.Line(Requests.TextOf(stated)) is { Length: > 0 } version
            ? version[..Math.Min(LongestVersion, version.Length)] : null;

    static async Task<ClassifierException> DiedAsync(ProgramProcess process)
    {
        await process.EndedAsync(TimeSpan.FromSeconds(5));
        return new($"The program {process.HowItEnded.Replace(" without a result", "", StringComparison.Ordinal)} before it was ready{LastLine(process.LastWords)}.", new LastWords(process.LastWords)) { IsTransient = true };
    }

    /// <summary>What the program wrote last, and the file and line if it was Python's error.</summary>
    static string LastLine(OutputTail words) =>
        words.LastLine is not { Length: > 0 } line ? "" : PythonTraceback.Place(words.ToString()) is { } place ? $": {line.TrimEnd('.')} ({place})" : $": {line.TrimEnd('.')}";

    [LoggerMessage(231, LogLevel.Debug, "{Line}")]
    static partial void LogError(ILogger logger, string line);
}
