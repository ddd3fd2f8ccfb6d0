using System.Collections.Concurrent;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Settings;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A classifier that is a program: <c>exec:</c>, <c>python:</c>, <c>devkit:</c>. Its processes live long, for a model is loaded once, and each works on one
/// task at a time; one that dies, or does not keep to the protocol, is replaced at the next task. There are as many as tasks come at a time:
/// <see cref="RunnableClassifier"/> holds that.
/// </summary>
sealed partial class ProgramClassifier : IClassifier, IAsyncDisposable
{
    /// <summary>A program that promises a sign of life every so often is taken for dead after this many times that, or <see cref="LeastSilence"/>.</summary>
    const int MissedBeats = 4;

    static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(1);

    readonly ProgramHost host;
    readonly ProgramCommand command;
    readonly ClassifierLimits limits;
    readonly TimeProvider time;
    readonly ConcurrentStack<Ready> idle = [];

    public ProgramClassifier(ProgramHost host, ProgramCommand command, ClassifierLimits limits, TimeProvider time) => (this.host, this.command, this.limits, this.time) = (host, command, limits, time);

    public async Task WarmUpAsync(CancellationToken cancellationToken) => idle.Push(await StartAsync(cancellationToken));

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var ready = await TakeAsync(cancellationToken);
        using var conversation = new Conversation(ready.Process, task, context, ready.Silence, limits.Urls);
        try
        {
            ready.Process.LastWords.Clear();
            ready.Process.Log = line => LogError(context.Logger, line);
            return await conversation.RunAsync(cancellationToken);
        }
        finally
        {
            LargeMemory.Free(conversation.ResultBytes);
            await GiveBackAsync(ready, conversation.IsOver);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (idle.TryPop(out var ready)) await ready.Process.DisposeAsync();
    }

    async Task<Ready> TakeAsync(CancellationToken cancellationToken)
    {
        while (idle.TryPop(out var ready))
        {
            if (ready.Process.IsStillGood()) return ready;
            ready.Process.Kill("did not keep quiet between tasks"); // Or it died while nobody looked.
            await ready.Process.DisposeAsync();
        }
        return await StartAsync(cancellationToken);
    }

    async Task GiveBackAsync(Ready ready, bool isFit)
    {
        ready.Process.Log = null;
        if (isFit && !ready.Process.HasEnded)
        {
            ready.Process.Place.Clear();
            idle.Push(ready);
            return;
        }
        ready.Process.Kill("is not used any more");
        await ready.Process.DisposeAsync();
    }

    /// <summary>Starts a process and waits until it is ready.</summary>
    async Task<Ready> StartAsync(CancellationToken cancellationToken)
    {
        var process = ProgramProcess.Start(host, command, limits.Memory);
        try
        {
            using var limit = new CancellationTokenSource(limits.StartTimeout < ClassifierLimits.LongestTimer ? limits.StartTimeout : ClassifierLimits.LongestTimer, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            using var message = await process.HearAsync(both.Token)
                ?? throw await DiedAsync(process);
            return new Ready(process, SilenceOf(message.RootElement));
        }
        catch (Exception e)
        {
            process.Kill("was not ready");
            await process.DisposeAsync();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new ClassifierException($"The program was not ready within {Duration.Text(limits.StartTimeout)} (--start-timeout){Quote(process.LastWords.LastLine)}.", new LastWords(process.LastWords)) { MayPass = true };
            throw;
        }
    }

    static TimeSpan? SilenceOf(System.Text.Json.JsonElement message)
    {
        if (message.GetProperty("type").GetString() is not "ready") throw new ClassifierException($"The program's first message must be of type 'ready', not '{message.GetProperty("type")}'.");
        if (Requests.Integer(message, "protocol", TaskMessage.Protocol) is not TaskMessage.Protocol and var other)
            throw new ClassifierException($"The program speaks version {other} of the protocol; this bridge speaks {TaskMessage.Protocol}.");
        return Requests.Number(message, "heartbeat") is > 0 and < 3600 and var seconds
            ? TimeSpan.FromSeconds(seconds * MissedBeats) is var silence && silence > LeastSilence ? silence : LeastSilence
            : null;
    }

    static async Task<ClassifierException> DiedAsync(ProgramProcess process)
    {
        await process.EndedAsync(TimeSpan.FromSeconds(5));
        return new($"The program {process.HowItEnded.Replace(" without a result", "", StringComparison.Ordinal)} before it was ready{Quote(process.LastWords.LastLine)}.", new LastWords(process.LastWords)) { MayPass = true };
    }

    static string Quote(string lastLine) => lastLine.Length > 0 ? $": {lastLine.TrimEnd('.')}" : "";

    [LoggerMessage(201, LogLevel.Debug, "{Line}")]
    static partial void LogError(ILogger logger, string line);

    /// <summary>A process that waits for a task.</summary>
    sealed record Ready(ProgramProcess Process, TimeSpan? Silence);

    sealed class LastWords(OutputTail words) : Exception(words.ToString());
}
