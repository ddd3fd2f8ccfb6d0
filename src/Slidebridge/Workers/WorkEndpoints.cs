using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Delivery;
using Slidebridge.Execution;
using Slidebridge.Identity;
using Slidebridge.Provenance;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary><c>/work</c>: what <c>slidebridge work</c> calls. <see cref="WorkProtocol"/> has the order of the calls.</summary>
static class WorkEndpoints
{
    /// <summary>Maximum length of a log, and of a failure's texts.</summary>
    const int LongestText = 1 << 20;

    /// <summary>Maximum warnings in one call, and the length of each.</summary>
    const int MostWarnings = 200, LongestWarning = 1000;

    public static void MapWork(this IEndpointRouteBuilder routes)
    {
        var work = routes.MapGroup("/work").For(Role.Worker).RefuseOtherSites();
        work.MapPost("/leases", AskAsync).WithSummary("Waits for a task and leases it").Produces<LeaseJson>().Produces(204).ProducesProblem(409);
        work.MapPost("/heartbeat", RenewAsync).WithSummary("Renews a worker's leases").Produces<HeartbeatAnswer>().ProducesProblem(409);
        work.MapPost("/leases/{id}/alone", AloneAsync).WithSummary("The worker runs no other task").Produces(204).ProducesProblem(410);
        work.MapPost("/leases/{id}/notes", NoteAsync).WithSummary("What a run records beside its result").Produces(204).ProducesProblem(410);
        work.MapPut("/leases/{id}/pictures/{scan}", PictureAsync).WithSummary("The small picture of a scan").Produces(204).ProducesProblem(410);
        work.MapPut("/leases/{id}/result/{part:int}", PartAsync).WithSummary("A part of the result").Produces(204).ProducesProblem(410).ProducesProblem(413);
        work.MapPost("/leases/{id}/result", CompleteAsync).WithSummary("The result is complete").Produces(204).ProducesProblem(410).ProducesProblem(422);
        work.MapPost("/leases/{id}/failure", FailAsync).WithSummary("The run failed").Produces(204).ProducesProblem(410);
        work.MapPost("/leases/{id}/release", ReleaseAsync).WithSummary("The run ends without a result").Produces(204).ProducesProblem(410);
        work.MapGet("/leases/{id}/slides/{scan}/{url:int}", SlideAsync).WithSummary("A slide of the task, by ranges").Produces(200).Produces(206).ProducesProblem(410);
        routes.MapGet("/api/workers", ListAsync).For(Role.Viewer).OfAllCompanies().WithTags("workers").WithSummary("Who works for this bridge elsewhere, and on what").Produces<IReadOnlyList<WorkerJson>>();
    }

    static async Task<IResult> AskAsync(WorkBody<LeaseRequest> body, HttpContext context, WorkerRegistry registry, LeaseDesk desk, WorkerPace pace, FailurePolicy policy, LeasePacking packing, AccessTokens tokens, TaskStore store, IKeptWorkers kept)
    {
        var (request, caller) = (body.Value, Callers.Of(context));
        var worker = request.Worker;
        if (registry.Check(worker, caller) is { } refusal) return Problem(refusal);
        if (!pace.TryAsk(caller.Name, worker.Name))
        {
            context.Response.Headers.RetryAfter = "1";
            return TypedResults.Problem($"The worker {worker.Name} asks too often: wait for the answer of each call.", statusCode: 429);
        }
        if (await registry.EnterAsync(worker, caller, policy.WaitAfterCrash, context.RequestAborted) is { } other) return Problem(other);
        var wait = TimeSpan.FromSeconds(double.IsFinite(request.WaitSeconds) ? Math.Clamp(request.WaitSeconds, 0, WorkProtocol.LongestWait.TotalSeconds) : 0);
        BridgeTask? task;
        try
        {
            task = await desk.AskAsync(worker, registry.FittingOf(worker, caller), wait, context.RequestAborted);
        }
        catch (CrowdedDeskException e)
        {
            context.Response.Headers.RetryAfter = "5";
            return TypedResults.Problem(e.Message, statusCode: 503);
        }
        if (task is null)
        {
            if (await kept.IsKeptAsync(worker.Name, context.RequestAborted)) context.Response.Headers[WorkProtocol.Stay] = "1";
            return TypedResults.NoContent();
        }
        var lease = new TaskLease(task, 0, CancellationToken.None, CancellationToken.None);
        try
        {
            // While the call waited, the worker may have hung up, and its token may have been revoked.
            if (context.RequestAborted.IsCancellationRequested) await store.ReleaseAsync(lease, $"worker {worker.Name} hung up before it received the task");
            else if (!await tokens.IsStillValidAsync(caller, context.RequestAborted)) await store.ReleaseAsync(lease, $"the token of worker {worker.Name} is not valid any more");
            else if (await packing.PackAsync(lease) is { } packed) return TypedResults.Json(packed, WorkJson.Default.LeaseJson);
            return TypedResults.NoContent();
        }
        catch (Exception e) when (e is not (StorageException or TaskMovedOnException))
        {
            await store.ReleaseAsync(lease, "released: the bridge itself failed", FailurePolicy.AfterFault);
            throw;
        }
    }

    static async Task<IResult> RenewAsync(WorkBody<HeartbeatRequest> body, HttpContext context, WorkerRegistry registry, TaskProgress progress)
    {
        var request = body.Value;
        if (registry.Check(request.Worker, Callers.Of(context)) is { } refusal) return Problem(refusal);
        var named = request.Leases.Where(lease => lease is not null).ToList();
        List<LeaseId> held = [.. named.Select(lease => LeaseId.Parse(lease.Id)).OfType<LeaseId>()];
        var reported = named.Select(lease => (Id: LeaseId.Parse(lease.Id), lease.Progress)).Where(each => each is { Id: not null, Progress: not null })
            .GroupBy(each => TaskStore.RunOf(each.Id!.Value.Task, each.Id.Value.FencingToken)).ToDictionary(same => same.Key, same => same.First().Progress!);
        if (await registry.RenewAsync(request.Worker, Callers.Of(context), held, reported, request.IsLeaving) is not { } lost)
            return TypedResults.Problem($"Another worker named {request.Worker.Name} is at work.", statusCode: 409);
        foreach (var lease in named)
            if (LeaseId.Parse(lease.Id) is { } id && !lost.Contains(id) && lease.Progress is { } scans) progress.Keep(id.Task, scans);
        return TypedResults.Json(new HeartbeatAnswer([.. lost.Select(id => id.ToString())]), WorkJson.Default.HeartbeatAnswer);
    }

    static Task<IResult> AloneAsync(string id, HttpContext context, TaskStore store, WorkerNames names) => StepAsync(id, context, store, names, store.BeginAloneAsync);

    static async Task<IResult> NoteAsync(string id, WorkBody<RunNotes> body, HttpContext context, TaskStore store, WorkerNames names) => await StepAsync(id, context, store, names, async lease =>
    {
        var notes = body.Value;
        if (notes.Log is { } log) await store.KeepLogAsync(lease, log.Length > LongestText ? log[..LongestText] : log);
        if (notes.Warnings is { Count: > 0 } warnings) await store.KeepWarningsAsync(lease, [.. warnings.Where(w => w is not null).Take(MostWarnings).Select(w => (w.ScanId, new SlideWarning(Cut(w.Code, LongestWarning)!, Cut(w.Message, LongestWarning)!)))]);
        if (notes.Cost is { } cost) await store.ChargeAsync(lease, cost.ToCost());
    });

    static async Task<IResult> PictureAsync(string id, string scan, WorkBody<PictureJson> body, HttpContext context, TaskStore store, WorkerNames names) => await StepAsync(id, context, store, names, async lease =>
    {
        if (body.Value is var picture && lease.Task.Scans.Exists(s => s.ScanId == scan) && picture is { Width: > 0, Height: > 0 })
            await store.KeepPictureAsync(lease, new ScanPicture { TaskNumber = lease.Number, ScanId = scan, SlideWidth = picture.Width, SlideHeight = picture.Height, Jpeg = picture.Jpeg });
    });

    static async Task<IResult> PartAsync(string id, int part, HttpContext context, TaskStore store, WorkerNames names, ClassifierOptions options)
    {
        if (part < 0 || (long)part * WorkProtocol.PartBytes > MostBytes(options)) return TooLarge(options);
        if (await FindAsync(id, context, store, names) is null) return Gone();
        var bytes = new byte[WorkProtocol.PartBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length > WorkProtocol.PartBytes) return TypedResults.Problem($"A part has at most {WorkProtocol.PartBytes} bytes.", statusCode: 413);
        return await StepAsync(id, context, store, names, lease => store.KeepPartAsync(lease, part, bytes[..length]));
    }

    static async Task<IResult> CompleteAsync(string id, WorkBody<ResultEnd> body, HttpContext context, TaskStore store, WorkerNames names, ResultSaving saving, FailureReports reports, ClassifierOptions options, TaskSignal signal)
    {
        var end = body.Value;
        if (LeaseId.Parse(id) is not { } lease || !await MayUseAsync(context, names)) return Gone();
        // The answer to the first call was lost.
        if (await store.HasResultOfAsync(lease.Task, lease.FencingToken, context.RequestAborted)) return TypedResults.NoContent();
        var length = end.ResultBytes + end.ProvenanceBytes + end.LedgerBytes;
        if (end is { ResultBytes: < 0 } or { ProvenanceBytes: < 0 } or { LedgerBytes: < 0 } || length < 0 || end.ResultBytes > options.Programs.LargestResult || length > MostBytes(options)) return TooLarge(options);
        return await StepAsync(id, context, store, names, async run =>
        {
            var bytes = await store.JoinPartsAsync(run, end.Parts, length, end.Sha256, context.RequestAborted) ?? throw new PartsMissingException();
            var (json, provenance) = (bytes[..(int)end.ResultBytes], bytes[(int)end.ResultBytes..(int)(end.ResultBytes + end.ProvenanceBytes)]);
            var ledger = end.LedgerBytes > 0 ? bytes[(int)(end.ResultBytes + end.ProvenanceBytes)..] : null;
            // The worker has validated it too; but what a worker sends is not trusted more than what a classifier returns.
            if (Invalid(run, json, provenance, ledger) is { } why)
                await reports.EndAsync(store, run, "The analysis program returned an invalid result.", new TaskChanges { Error = $"The worker sent an invalid result: {why}", Cost = end.Cost.ToCost() });
            else
                await saving.SaveAsync(run, new ClassifiedResult(json, provenance, ledger), end.Cost.ToCost());
            await store.DropPartsAsync(run.Number);
            signal.Wake();
        });
    }

    /// <summary>Why a result is invalid, or null.</summary>
    static string? Invalid(TaskLease run, byte[] json, byte[] provenance, byte[]? ledger)
    {
        try
        {
            if (ResultsValidator.Validate(json, [.. run.Task.Scans.Select(s => s.ScanId)]) is { Count: > 0 } problems) return string.Join("; ", problems.Take(3));
            var record = ResultProvenance.Parse(provenance);
            if (ledger is not null) ScanLedger.Parse(ledger);
            return record is null || (record.Posted ?? record.Result) != ResultHash.Of(json) || record.Run != run.FencingToken ? "its record of what made it is of another result" : null;
        }
        catch (JsonException)
        {
            return "its record of what made it, or its ledger, is not of the expected form";
        }
    }

    static async Task<IResult> FailAsync(string id, WorkBody<FailedRun> body, HttpContext context, TaskStore store, WorkerNames names, FailureReports reports, TaskSignal signal) => await StepAsync(id, context, store, names, async lease =>
    {
        var failure = body.Value;
        var changes = new TaskChanges { Error = Cut(failure.Error) ?? "The worker states no reason.", Cause = Cut(failure.Cause), Delays = Math.Clamp(failure.Delays, lease.Task.Delays, lease.Task.Delays + 1), Cost = failure.Cost.ToCost() };
        if (failure.WaitSeconds is { } seconds) await store.RescheduleAsync(lease, TaskState.Accepted, Seconds(seconds), changes);
        else await reports.EndAsync(store, lease, Cut(failure.Plain) ?? "The analysis program failed on this case.", changes);
        signal.Wake();
    });

    static async Task<IResult> ReleaseAsync(string id, WorkBody<ReleasedRun> body, HttpContext context, TaskStore store, WorkerNames names, TaskSignal signal) => await StepAsync(id, context, store, names, async lease =>
    {
        var released = body.Value;
        await store.ReleaseAsync(lease, Cut(released.Why) is { Length: > 0 } why ? why : "released", Seconds(released.WaitSeconds));
        signal.Wake();
    });

    static async Task<IResult> SlideAsync(string id, string scan, int url, HttpContext context, TaskStore store, WorkerNames names, RelayedSlides slides, StagingDirectory staging)
    {
        if (await FindAsync(id, context, store, names) is not { } lease) return Gone();
        if (lease.Task.StagedOn is { } on && on != staging.Name && lease.Task.ExpiresAt < DateTimeOffset.UtcNow)
            return TypedResults.Problem("The copy of this slide is on another node: let the web nodes share a staging directory (--staging-dir).", statusCode: 503);
        try
        {
            return await slides.OpenAsync(lease, scan, url, context.RequestAborted) is { } slide
                ? TypedResults.Stream(slide.Content, "application/octet-stream", entityTag: slide.Version, enableRangeProcessing: true)
                : TypedResults.Problem("The task has no such slide.", statusCode: 404);
        }
        catch (SlideSourceException e)
        {
            return TypedResults.Problem(e.Message, statusCode: e.HttpStatus is >= 400 and < 500 and var status ? (int)status : 502);
        }
    }

    static async Task<JsonHttpResult<IReadOnlyList<WorkerJson>>> ListAsync(WorkerList workers, CancellationToken cancellationToken) =>
        TypedResults.Json(await workers.ReadAsync(cancellationToken), WorkJson.Default.IReadOnlyListWorkerJson);

    /// <summary>A step of a lease's run: refused if the worker does not hold the lease any more.</summary>
    static async Task<IResult> StepAsync(string id, HttpContext context, TaskStore store, WorkerNames names, Func<TaskLease, Task> step)
    {
        if (await FindAsync(id, context, store, names) is not { } lease) return Gone();
        try
        {
            await step(lease);
            return TypedResults.NoContent();
        }
        catch (TaskMovedOnException)
        {
            return Gone();
        }
        catch (PartsMissingException e)
        {
            return TypedResults.Problem(e.Message, statusCode: 422);
        }
        catch (StorageException e)
        {
            return TypedResults.Problem(e.Message, statusCode: 503);
        }
    }

    static async Task<TaskLease?> FindAsync(string id, HttpContext context, TaskStore store, WorkerNames names) =>
        LeaseId.Parse(id) is { } lease && await MayUseAsync(context, names) ? await store.FindLeaseAsync(lease.Task, lease.FencingToken, NameIn(context), context.RequestAborted) : null;

    static ValueTask<bool> MayUseAsync(HttpContext context, WorkerNames names) => names.MayUseAsync(NameIn(context), Callers.Of(context), context.RequestAborted);

    static string NameIn(HttpContext context) => context.Request.Headers[WorkerNames.Header].ToString();

    /// <summary>The result, its provenance and its ledger.</summary>
    static long MostBytes(ClassifierOptions options) => Math.Min(int.MaxValue / 2, options.Programs.LargestResult * 2);

    static string? Cut(string? text, int longest = LongestText) => text?.Length > longest ? text[..longest] : text;

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(double.IsFinite(seconds) ? Math.Clamp(seconds, 0, 3600) : 0);

    static ProblemHttpResult Problem(WorkerRefusal refusal) => TypedResults.Problem(refusal.Why, statusCode: refusal.Status);

    static ProblemHttpResult Gone() => TypedResults.Problem("This lease is the worker's no longer: the task was cancelled, or is with another worker.", statusCode: 410);

    static ProblemHttpResult TooLarge(ClassifierOptions options) => TypedResults.Problem($"The result is larger than {options.Programs.LargestResult} bytes (--largest-result).", statusCode: 413);

    sealed class PartsMissingException() : Exception("The parts are not the result that was announced: send them again.");
}
