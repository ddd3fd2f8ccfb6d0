using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// One task with one program (docs/classifiers/exec.md):
/// <code>
/// bridge  ─1─ task ──►  program
///         ◄─2─ tiles, region, thumbnail, tissue, path, progress, log, heartbeat …
///         ─3─ layout, batch, end, pixels, failed … ──►      answers come as they are ready, several at a time
///         ◄─4─ result, or error
/// </code>
/// </summary>
sealed partial class Conversation(ProgramProcess program, ClassificationTask task, ClassifierContext context, bool urls) : IDisposable
{
    /// <summary>Maximum requests of a program that are not answered or closed yet.</summary>
    const int MostRequests = 64;

    /// <summary>In characters.</summary>
    const int LongestError = 4000;

    /// <summary>In bytes. Only for requests, because they are kept until they are answered; results and errors are not.</summary>
    const int LongestQuestion = 16 * 1024;

    /// <summary>How long a program has to confirm that it has cancelled a task.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Cancelled when a program has not confirmed a cancellation in time.</summary>
    readonly CancellationTokenSource tooLate = new();

    readonly SemaphoreSlim reading = new(1, 1);
    readonly ConcurrentDictionary<long, Request> requests = [];
    readonly ConcurrentDictionary<string, Lazy<Task<TissueMask>>> masks = [];

    /// <summary>The first slide failure that was reported to the program: if the program then gives up, this is the reason.</summary>
    volatile Exception? slideFailure;

    /// <summary>The program has sent its last message about the task, or never received it, and can be given another.</summary>
    public bool IsOver { get; private set; } = true;

    /// <summary>Sends the task to the program and returns its results.</summary>
    /// <exception cref="ProgramDiedException">The program ended.</exception>
    /// <exception cref="ProgramFailedException">The program reported an error.</exception>
    /// <exception cref="ProtocolBrokenException">The program broke the protocol.</exception>
    /// <exception cref="InvalidResultsException">The results break rules of the platform.</exception>
    public async Task<TaskResults> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = new JsonObject { ["type"] = "task", ["task"] = await TaskMessage.OfAsync(task, urls, path: null, cancellationToken) };
        told["task"]!["debug"] = program.Place.Debug;
        cancellationToken.ThrowIfCancellationRequested();
        IsOver = false;
        program.ListenFromNow(); // Messages between tasks do not prove that the program works on this one.
        // Not awaited: a program that does not read the task is killed when the task's time is over.
        var telling = TellAsync(told, CancellationToken.None);
        var watching = new SilenceLog(program, SilenceLog.First, context.Logger).WatchAsync(stop.Token);
        await using var cancelling = cancellationToken.Register(Cancel);
        try
        {
            while (true)
            {
                if (await TakeNextAsync(stop.Token, cancellationToken) is { } results) return results;
                LargeMemory.Free(ResultBytes); // A late result of another task.
            }
        }
        catch (IOException)
        {
            throw await DiedAsync(cancellationToken);
        }
        catch (WrongRequestException e)
        {
            throw new ProtocolBrokenException("The program sent a message that breaks the protocol", $": {e.Message}");
        }
        catch (ProgramFailedException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await EndAsync(Task.WhenAll([telling, watching, .. requests.Values.Select(r => r.Work)]).ContinueWith(static _ => { }, TaskScheduler.Default));
            foreach (var request in requests.Values) request.Dispose();
        }
    }

    /// <summary>Waits until all messages to the program are sent: a program that does not read them cannot be given another task.</summary>
    async Task EndAsync(Task work)
    {
        try
        {
            await work.WaitAsync(IsOver ? Grace : TimeSpan.Zero);
        }
        catch (TimeoutException)
        {
            program.Kill("did not read the bridge's messages");
            IsOver = false;
            await work;
        }
    }

    async Task<TaskResults?> TakeNextAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var message = await HearAsync() ?? throw await DiedAsync(cancellationToken);
        ResultBytes = message.Results?.Length ?? 0;
        // What the program wrote about the error on stderr arrives at about the same time.
        if (message.RootElement.GetProperty("type").ValueEquals("error"u8)) await program.CatchUpAsync();
        return Take(message, stopping);
    }

    /// <summary>The next message; null if there is none, or if the program was killed because it did not cancel its task in time. Silence alone is not a reason.</summary>
    async Task<ProgramMessage?> HearAsync()
    {
        try
        {
            return await program.HearAsync(tooLate.Token);
        }
        catch (OperationCanceledException)
        {
            program.Kill("did not end its task after it was cancelled");
            return null;
        }
    }

    TaskResults? Take(ProgramMessage said, CancellationToken stopping)
    {
        var message = said.RootElement;
        switch (message.GetProperty("type").GetString())
        {
            case "progress": Progress(message); break;
            case "log": Log(message); break;
            case "result" or "error" when IsOfAnother(message): break;
            case "result": IsOver = true; return Results(said);
            case "error": IsOver = true; throw Error(message);
            case "free": Free(message); break;
            case "close": Close(message); break;
            case "tiles" or "region" or "thumbnail" or "tissue" or "path" or "warnings": Begin(message, stopping); break;
            case var type: throw new ProtocolBrokenException("The program sent a message of a type that is not in the protocol", $": '{type}'.");
        }
        return null;
    }

    /// <summary>A late message about an earlier task, which must not count for this one.</summary>
    bool IsOfAnother(JsonElement message) => Requests.TaskId(message) != task.TaskId;

    void Log(JsonElement message)
    {
        var (level, text) = (LevelOf(message), Optional(message, "message") ?? "");
        LogProgram(context.Logger, level, text);
    }

    void Progress(JsonElement message)
    {
        var fraction = Requests.Number(message, "fraction") ?? 0;
        context.Progress.Report(new ScanProgress(ScanOf(message).Id, Math.Clamp(fraction, 0, 1)));
    }

    TaskResults Results(ProgramMessage message) =>
        ProgramResults.Of(message.Results ?? throw new ProtocolBrokenException("The program sent a result without 'results'."), task);

    /// <summary>Size of the last message's results in bytes.</summary>
    public long ResultBytes { get; private set; }

    Exception Error(JsonElement message) => slideFailure ?? new ProgramFailedException(Cut(Optional(message, "message")) ?? "the program gave no reason", program.LastWords)
    {
        IsTransient = message.TryGetProperty("mayPass", out var mayPass) && mayPass.ValueKind is JsonValueKind.True,
    };

    /// <summary>Limits the length of a program's text, because it is stored with its task.</summary>
    static string? Cut(string? text) => text?.Length > LongestError ? text[..LongestError] + "…" : text;

    async Task<Exception> DiedAsync(CancellationToken cancellationToken)
    {
        await program.EndedAsync(TimeSpan.FromSeconds(5));
        if (cancellationToken.IsCancellationRequested) return new OperationCanceledException(cancellationToken);
        return program.WasTooLarge
            ? new ProgramFailedException($"the program {program.HowItEnded}.", program.LastWords)
            : new ProgramDiedException($"The program {program.HowItEnded}.", program.LastWords);
    }

    void Free(JsonElement message)
    {
        if (requests.TryGetValue(Requests.Id(message), out var request)) request.Stream?.Free(message);
    }

    void Close(JsonElement message)
    {
        if (requests.TryGetValue(Requests.Id(message), out var request)) request.Stop();
    }

    void Begin(JsonElement message, CancellationToken stopping)
    {
        if (System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(message).Length > LongestQuestion) throw new ProtocolBrokenException($"The program sent a request of more than {LongestQuestion} bytes.");
        var id = Requests.Id(message);
        foreach (var (old, done) in requests)
            if (done.IsOver && requests.TryRemove(old, out _)) done.Dispose();
        if (requests.Count >= MostRequests) throw new ProtocolBrokenException($"The program has more than {MostRequests} open requests at a time; it must close those that it has used.");
        var request = new Request(stopping);
        if (!requests.TryAdd(id, request)) throw new ProtocolBrokenException($"The program used the request id {id} twice.");
        var question = message.Clone();
        request.Work = Task.Run(() => AnswerAsync(id, question, request, stopping), CancellationToken.None);
    }

    /// <param name="id">The request's id.</param>
    /// <param name="message">The request.</param>
    /// <param name="request">Its token is cancelled when the answer is not needed any more.</param>
    /// <param name="stopping">Cancelled when the task ends.</param>
    async Task AnswerAsync(long id, JsonElement message, Request request, CancellationToken stopping)
    {
        var token = request.Stopping;
        try
        {
            var scan = ScanOf(message);
            var slide = await scan.OpenSlideAsync(token);
            switch (message.GetProperty("type").GetString())
            {
                case "tiles": await TilesAsync(id, message, scan, slide, request, stopping); break;
                case "region": await PixelsAsync(id, Requests.Integer(message, "width"), Requests.Integer(message, "height"), async () => await slide.ReadRegionAsync(RegionOf(message), cancellationToken: token), request); break;
                case "thumbnail": await PixelsAsync(id, 0, 0, async () => await slide.GetThumbnailAsync(Requests.Integer(message, "maxWidth"), Requests.Integer(message, "maxHeight"), token), request); break;
                case "warnings": await TellAsync(new JsonObject { ["type"] = "warnings", ["id"] = id, ["warnings"] = TaskMessage.Warnings(slide) }, token); break;
                case "tissue": await TellAsync(TissueMessage.Of(id, await MaskAsync(scan, stopping)), token); break;
                default: await TellAsync(new JsonObject { ["type"] = "path", ["id"] = id, ["path"] = program.Place.Show(await scan.GetLocalPathAsync(token)) }, token); break;
            }
        }
        catch (Exception e) when (token.IsCancellationRequested || e is IOException)
        {
            // The program closed the request, or has ended.
        }
        catch (Exception e)
        {
            await FailedAsync(id, e, token);
        }
    }

    async Task TilesAsync(long id, JsonElement message, Scan scan, Slide slide, Request request, CancellationToken stopping)
    {
        var (grid, batch) = Requests.Tiles(message);
        if (Requests.Tissue(message) is { } share) grid = grid with { Mask = await MaskAsync(scan, stopping), MinTissue = share };
        using var stream = request.Stream = new TileStream(id, slide, grid, batch, program.Place.CreatePixels, TellAsync);
        await stream.RunAsync(request.Stopping);
        await request.Closed; // The program may still use its last batches.
    }

    /// <param name="id">The request's id.</param>
    /// <param name="width">Maximum columns of pixels.</param>
    /// <param name="height">Maximum rows of pixels.</param>
    /// <param name="read">Reads the pixels.</param>
    /// <param name="request">The request.</param>
    async Task PixelsAsync(long id, int width, int height, Func<ValueTask<Raster>> read, Request request)
    {
        program.Place.CheckRoom((long)Math.Max(0, width) * Math.Max(0, height) * 3);
        SharedPixels pixels;
        Raster raster;
        // One at a time: until it is copied, a picture is in the bridge's memory.
        await reading.WaitAsync(request.Stopping);
        try
        {
            raster = await read();
            pixels = program.Place.CreatePixels(raster.Pixels.Length);
            raster.Pixels.CopyTo(pixels.GetSpan());
        }
        finally
        {
            reading.Release();
        }
        using var shared = (IDisposable)pixels;
        await TellAsync(new JsonObject { ["type"] = "pixels", ["id"] = id, ["file"] = pixels.Path, ["width"] = raster.Width, ["height"] = raster.Height }, request.Stopping);
        await request.Closed;
    }

    /// <summary>Without the names of this program's own parameters, which .NET appends.</summary>
    static string WordsOf(Exception e) => e is ArgumentException { ParamName: { } name }
        ? e.Message.Split('\n')[0].Replace($" (Parameter '{name}')", "", StringComparison.Ordinal).TrimEnd()
        : e.Message;

    async Task FailedAsync(long id, Exception e, CancellationToken cancellationToken)
    {
        var cause = e switch
        {
            SlideFormatException or SlideSourceException => "slide",
            SlideResolutionException or ArgumentException or InvalidOperationException or NotSupportedException or WrongRequestException or ClassifierException => "request",
            _ => "bridge",
        };
        if (cause != "request") slideFailure ??= e;
        try
        {
            await TellAsync(new JsonObject { ["type"] = "failed", ["id"] = id, ["cause"] = cause, ["message"] = WordsOf(e) }, cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The conversation reports it.
        }
    }

    Task<TissueMask> MaskAsync(Scan scan, CancellationToken stopping) =>
        masks.GetOrAdd(scan.Id, _ => new(async () => await TissueMask.DetectAsync(await scan.OpenSlideAsync(stopping), cancellationToken: stopping))).Value;

    Scan ScanOf(JsonElement message)
    {
        var id = Requests.Text(message, "scan");
        return task.Scans.FirstOrDefault(s => s.Id == id) ?? throw new WrongRequestException($"The task has no scan '{id}'.");
    }

    static Region RegionOf(JsonElement message) => new(
        Requests.Integer(message, "level", 0), Requests.Integer(message, "x"), Requests.Integer(message, "y"), Requests.Integer(message, "width"), Requests.Integer(message, "height"));

    public void Dispose()
    {
        tooLate.Dispose();
        reading.Dispose();
    }

    void Cancel()
    {
        tooLate.CancelAfter(Grace);
        _ = TellAsync(new JsonObject { ["type"] = "cancel" }, CancellationToken.None).ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    Task TellAsync(JsonObject message, CancellationToken cancellationToken) => program.TellAsync(message, cancellationToken);

    static string? Optional(JsonElement message, string name) => message.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? Requests.TextOf(value) : null;

    static LogLevel LevelOf(JsonElement message) => Optional(message, "level") switch { "debug" => LogLevel.Debug, "warning" => LogLevel.Warning, "error" => LogLevel.Error, _ => LogLevel.Information };

    [LoggerMessage(EventId = 230, Message = "{Message}")]
    static partial void LogProgram(ILogger logger, LogLevel level, string message);
}
