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
    /// <summary>Answers that a program may wait for at the same time.</summary>
    const int MostRequests = 64;

    /// <summary>In characters.</summary>
    const int LongestError = 4000;

    /// <summary>In bytes. Questions are kept until they are answered, results and words are not.</summary>
    const int LongestQuestion = 16 * 1024;

    /// <summary>A program that is told to end a task has this long to say that it has.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Fires when a program that was told to end its task has not.</summary>
    readonly CancellationTokenSource tooLate = new();

    readonly SemaphoreSlim reading = new(1, 1);
    readonly ConcurrentDictionary<long, Request> requests = [];
    readonly ConcurrentDictionary<string, Lazy<Task<TissueMask>>> masks = [];

    /// <summary>The first failure of a slide that the program was told: where it gives up then, that is why.</summary>
    volatile Exception? slideFailure;

    /// <summary>The program has said its last word to this task, or was not told of it, and can be given another.</summary>
    public bool IsOver { get; private set; } = true;

    /// <summary>Has the program classify the task.</summary>
    /// <exception cref="ProgramDiedException">It ended.</exception>
    /// <exception cref="ProgramFailedException">It says that it cannot.</exception>
    /// <exception cref="ProtocolBrokenException">It does not keep to the protocol.</exception>
    /// <exception cref="InvalidResultsException">Its results break rules of the platform.</exception>
    public async Task<TaskResults> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = new JsonObject { ["type"] = "task", ["task"] = await TaskMessage.OfAsync(task, urls, path: null, cancellationToken) };
        told["task"]!["debug"] = program.Place.Debug;
        cancellationToken.ThrowIfCancellationRequested();
        IsOver = false;
        program.ListenFromNow(); // Between tasks nobody listens for its signs of life.
        // Not waited for: one that does not read it is ended with its task's time.
        var telling = TellAsync(told, CancellationToken.None);
        var watching = new SilenceLog(program, SilenceLog.First, context.Logger).WatchAsync(stop.Token);
        await using var cancelling = cancellationToken.Register(Cancel);
        try
        {
            while (true)
            {
                using var message = await HearAsync() ?? throw await DiedAsync(cancellationToken);
                ResultBytes = message.Results?.Length ?? 0;
                // What it wrote of the error comes beside it.
                if (message.RootElement.GetProperty("type").ValueEquals("error"u8)) await program.CatchUpAsync();
                if (Take(message, stop.Token) is { } results) return results;
            }
        }
        catch (IOException)
        {
            throw await DiedAsync(cancellationToken);
        }
        catch (WrongRequestException e)
        {
            throw new ProtocolBrokenException("The program sent a message that does not keep to the protocol", $": {e.Message}");
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

    /// <summary>Waits for what is still being told: a program that does not read it is not fit for another task.</summary>
    async Task EndAsync(Task work)
    {
        try
        {
            await work.WaitAsync(IsOver ? Grace : TimeSpan.Zero);
        }
        catch (TimeoutException)
        {
            program.Kill("did not read what it was told");
            IsOver = false;
            await work;
        }
    }

    /// <summary>The next message; null where there is none, or the program was killed because it did not end its task. Silence alone ends nothing.</summary>
    async Task<ProgramMessage?> HearAsync()
    {
        try
        {
            return await program.HearAsync(tooLate.Token);
        }
        catch (OperationCanceledException)
        {
            program.Kill("did not end its task when it was told to");
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
            case var type: throw new ProtocolBrokenException("The program sent a message of a type that the protocol does not have", $": '{type}'.");
        }
        return null;
    }

    /// <summary>A late answer to an earlier task: what it found must not be taken for this one's.</summary>
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

    /// <summary>Bytes of the results.</summary>
    public long ResultBytes { get; private set; }

    Exception Error(JsonElement message) => slideFailure ?? new ProgramFailedException(Cut(Optional(message, "message")) ?? "it did not say why", program.LastWords)
    {
        IsTransient = message.TryGetProperty("mayPass", out var mayPass) && mayPass.ValueKind is JsonValueKind.True,
    };

    /// <summary>A message of a program stays with its task for as long as that is kept.</summary>
    static string? Cut(string? text) => text?.Length > LongestError ? text[..LongestError] + "…" : text;

    async Task<Exception> DiedAsync(CancellationToken cancellationToken)
    {
        await program.EndedAsync(TimeSpan.FromSeconds(5));
        if (cancellationToken.IsCancellationRequested) return new OperationCanceledException(cancellationToken);
        return program.WasTooLarge
            ? new ProgramFailedException($"it {program.HowItEnded}.", program.LastWords)
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
        if (System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(message).Length > LongestQuestion) throw new ProtocolBrokenException($"The program asked a question of more than {LongestQuestion} bytes.");
        var id = Requests.Id(message);
        foreach (var (old, done) in requests)
            if (done.IsOver && requests.TryRemove(old, out _)) done.Dispose();
        if (requests.Count >= MostRequests) throw new ProtocolBrokenException($"The program waits for more than {MostRequests} answers at a time; it has to close what it has used.");
        var request = new Request(stopping);
        if (!requests.TryAdd(id, request)) throw new ProtocolBrokenException($"The program used the id {id} twice.");
        var question = message.Clone();
        request.Work = Task.Run(() => AnswerAsync(id, question, request, stopping), CancellationToken.None);
    }

    /// <param name="id">The question's.</param>
    /// <param name="message">The question.</param>
    /// <param name="request">Fires its token when no answer is wanted any more.</param>
    /// <param name="stopping">Fires when the task ends.</param>
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
            // It does not want the answer any more, or is gone.
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
        await request.Closed; // The program may still look at its last batches.
    }

    /// <param name="id">The question's.</param>
    /// <param name="width">The most pixels that come.</param>
    /// <param name="height">As many rows.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="request">The question.</param>
    async Task PixelsAsync(long id, int width, int height, Func<ValueTask<Raster>> read, Request request)
    {
        program.Place.CheckRoom((long)Math.Max(0, width) * Math.Max(0, height) * 3);
        SharedPixels pixels;
        Raster raster;
        // One at a time: until it is copied, a picture is in the bridge's own memory.
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
            await TellAsync(new JsonObject { ["type"] = "failed", ["id"] = id, ["cause"] = cause, ["message"] = e.Message }, cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The conversation finds out.
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
