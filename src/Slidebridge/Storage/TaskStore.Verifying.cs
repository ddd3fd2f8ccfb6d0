using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Storage;

/// <content>
/// How a claim becomes a task. Several webhooks may claim one number; the first is stored in the row, the others beside it. Each is checked, and the one that the platform confirms is used:
/// <code>
/// webhook ─1─ stored: row, or beside it ─2─ the platform is asked ─┬─ confirmed ──► the row gets this claim's content, and the task waits to run
///                                                                  ├─ refused   ──► the claim is dropped; the last of its number: failed
///                                                                  └─ no answer ──► asked again later
/// </code>
/// docs/decisions/verification.md
/// </content>
sealed partial class TaskStore
{
    /// <summary>The node that has stored a claim asks the platform itself, at once. After this time, any node does.</summary>
    static readonly TimeSpan OwnCheck = TimeSpan.FromSeconds(15);

    /// <summary>The key ring may be wrong on one node only, or come back with a mount: an acknowledged claim is not dropped at once because its key is missing.</summary>
    static readonly TimeSpan KeyIsAwaited = TimeSpan.FromHours(24), BetweenKeys = TimeSpan.FromMinutes(1);

    /// <summary>Maximum webhooks that are recorded with one task; older ones are deleted.</summary>
    const int MostCalls = 100;

    /// <summary>1. Stores a webhook, or records that it contains nothing new.</summary>
    public async Task<(Intake Intake, PendingCheck? Check)> ReceiveAsync(TaskClaim claim, WebhookCall call, bool isConfirmed = false)
    {
        var secrets = vault.Seal(claim.Secrets);
        var (tries, now) = (0, time.GetUtcNow());
        TaskRequest? beside = null;
        var intake = await commits.CommitAsync(async database =>
        {
            // Nearly all webhooks are new, and a lookup costs as much as the insert: so insert first; if the database refuses, look the task up.
            var known = tries++ == 0 ? database.TrackedTask(claim.Number) : await database.FindTaskAsync(claim.Number);
            if (known is not null)
            {
                (var again, beside) = await ReceiveAgainAsync(database, known, claim, call);
                return again;
            }
            // Created again at each attempt: a failed commit has already given an entity its number, which it would keep.
            var task = new BridgeTask { Number = claim.Number, PlatformId = claim.PlatformId, AcceptedAt = now, UpdatedAt = now, VerifyAt = now + OwnCheck, TraceParent = claim.TraceParent };
            task.Adopt(claim, secrets);
            task.Events.Add(Event(call, TaskState.Accepted, claim.Token is null ? "stored on disk; it has no token" : "stored on disk"));
            if (isConfirmed) Confirm(task, TaskProof.Token);
            database.Tasks.Add(task);
            return Intake.Stored;
        });
        return (intake, intake is Intake.Known || (isConfirmed && intake is Intake.Stored) ? null : new PendingCheck(claim.Number, beside?.Id, claim.PlatformId, claim.Token, now, call.From));
    }

    async Task<(Intake, TaskRequest?)> ReceiveAgainAsync(TaskDatabase database, BridgeTask known, TaskClaim claim, WebhookCall call)
    {
        await ForgetOldestCallAsync(database, known);
        if (IsOver(known) && !RenewsUrls(known, claim))
        {
            known.Events.Add(Event(call, known.State, $"webhook received again: the task is already {known.State.Name()}"));
            return (Intake.Known, null);
        }
        if (claim.Token is null && known.Proof is TaskProof.Token)
        {
            known.Events.Add(Event(call, known.State, "a webhook without a token was not accepted: the task was confirmed with its own token"));
            return (Intake.Known, null);
        }
        if (known.State is not TaskState.Failed && (known.VerifiedAt ?? known.VerifyAt) is not null && IsSame(known, claim))
        {
            known.Events.Add(Event(call, known.State, "webhook received again, unchanged"));
            return (Intake.Known, null);
        }
        var request = new TaskRequest { TaskNumber = known.Number, ReceivedAt = time.GetUtcNow(), VerifyAt = time.GetUtcNow() + OwnCheck, From = call.From, Claim = vault.Seal(claim) };
        database.Requests.Add(request);
        known.Events.Add(Event(call, known.State, IsOver(known) ? $"webhook received again: the task is already {known.State.Name()}; its fresh URLs are to be verified first" : "webhook received again: stored beside the task, to be verified first"));
        return (Intake.StoredBeside, request);
    }

    /// <summary>Records a webhook that was answered and refused, if its task is known.</summary>
    public Task RecordRefusedAsync(long number, WebhookCall call, string why) => commits.CommitAsync(async database =>
    {
        if (await database.FindTaskAsync(number) is not { } task) return false;
        await ForgetOldestCallAsync(database, task);
        task.Events.Add(Event(call, task.State, $"a webhook was not accepted: {why}"));
        return true;
    });

    /// <summary>Claims that no node asks about, because their node died or they were rescheduled. For a while, this node owns them.</summary>
    public async Task<IReadOnlyList<PendingCheck>> ClaimChecksAsync(int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var look = await databases.CreateDbContextAsync(cancellationToken))
            if (!await look.Tasks.AnyAsync(t => t.VerifyAt <= now, cancellationToken) && !await look.Requests.AnyAsync(r => r.VerifyAt <= now, cancellationToken)) return [];
        return await commits.CommitAsync(async database =>
        {
            await database.AloneAsync(cancellationToken);
            var checks = new List<PendingCheck>();
            foreach (var task in await database.Tasks.Where(t => t.VerifyAt <= now).OrderBy(t => t.VerifyAt).Take(most).ToListAsync(cancellationToken))
            {
                task.VerifyAt = now + OwnCheck;
                try
                {
                    checks.Add(new PendingCheck(task.Number, null, task.PlatformId, vault.Open(task).Token, task.AcceptedAt, ""));
                }
                catch (LostKeyException e) when (now - task.AcceptedAt < KeyIsAwaited)
                {
                    if (task.LastError != e.Message) task.Events.Add(Event(task.State, "waits until the task's token and URLs can be decrypted", words: e.Message));
                    (task.VerifyAt, task.LastError) = (now + BetweenKeys, e.Message);
                }
                catch (LostKeyException e)
                {
                    task.LastError = e.Message;
                    Move(task, TaskState.Failed, "failed: the task cannot be verified", words: e.Message);
                }
            }
            foreach (var request in await database.Requests.Where(r => r.VerifyAt <= now).OrderBy(r => r.VerifyAt).Take(most).ToListAsync(cancellationToken))
            {
                request.VerifyAt = now + OwnCheck;
                try
                {
                    var claim = vault.OpenClaim(request);
                    checks.Add(new PendingCheck(request.TaskNumber, request.Id, claim.PlatformId, claim.Token, request.ReceivedAt, request.From));
                }
                catch (LostKeyException) when (now - request.ReceivedAt < KeyIsAwaited)
                {
                    request.VerifyAt = now + BetweenKeys;
                }
                catch (LostKeyException)
                {
                    // The claim's content is lost. If the row waited for it, the bridge asks about the row once more.
                    database.Requests.Remove(request);
                    if (await database.FindTaskAsync(request.TaskNumber) is { VerifiedAt: null, VerifyAt: null } task && !task.State.IsEnded()) task.VerifyAt = now;
                }
            }
            return checks;
        });
    }

    /// <summary>Those of these claims that were already confirmed or refused.</summary>
    public async Task<IReadOnlyList<(long Number, long? Request)>> DecidedAsync(IReadOnlyList<(long Number, long? Request)> claims, CancellationToken cancellationToken)
    {
        if (claims.Count == 0) return [];
        var decided = new List<(long, long?)>();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var some in claims.Chunk(500))
        {
            var numbers = some.Where(c => c.Request is null).Select(c => c.Number).ToList();
            var requests = some.Select(c => c.Request).OfType<long>().ToList();
            var openTasks = (await database.Tasks.Where(t => numbers.Contains(t.Number) && t.VerifyAt != null).Select(t => t.Number).ToListAsync(cancellationToken)).ToHashSet();
            var openRequests = (await database.Requests.Where(r => requests.Contains(r.Id)).Select(r => r.Id).ToListAsync(cancellationToken)).ToHashSet();
            decided.AddRange(some.Where(c => c.Request is { } id ? !openRequests.Contains(id) : !openTasks.Contains(c.Number)));
        }
        return decided;
    }

    /// <summary>The platform confirmed a claim: the row gets the claim's content, and the task waits to run.</summary>
    public Task ConfirmAsync(PendingCheck check) => commits.CommitAsync(async database =>
    {
        // Nearly all claims are the first of their number and have a token: for these, one statement is enough.
        var (now, isUsual) = (time.GetUtcNow(), check is { Request: null, Token: not null } && !commits.AddsRows);
        if (isUsual && await database.Tasks.Where(t => t.Number == check.Number && t.AcceptedAt == check.Since && t.VerifiedAt == null && t.State == TaskState.Accepted && t.LastError == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.VerifiedAt, now).SetProperty(t => t.VerifyAt, (DateTimeOffset?)null).SetProperty(t => t.Proof, TaskProof.Token)) == 1) return true;
        if (await database.FindTaskAsync(check.Number) is not { } task) return false;
        var proof = check.Token is null ? TaskProof.Key : TaskProof.Token;
        if (check.Request is null)
        {
            // A claim beside the row may have been confirmed first, and has replaced the row's content.
            if (task.VerifiedAt is null && !task.State.IsEnded()) Confirm(task, proof);
            else task.VerifyAt = null;
            return true;
        }
        if (await database.Requests.FindAsync(check.Request) is not { } request) return false;
        database.Requests.Remove(request);
        if (IsOver(task))
        {
            var claim = vault.OpenClaim(request);
            var isRenewed = proof is TaskProof.Token && RenewsUrls(task, claim);
            if (isRenewed) (task.Secrets, task.ExpiresAt) = (vault.Seal(claim.Secrets with { Token = null }), claim.ExpiresAt);
            task.Events.Add(Decided(request, task.State, isRenewed ? "was confirmed: the slides can be viewed with its URLs until they expire" : "was confirmed, but the task has ended"));
        }
        else if (proof is TaskProof.Key && task.Proof is TaskProof.Token) task.Events.Add(Decided(request, task.State, "was not accepted: it has no token, and the task was confirmed with its own token"));
        else await TakeOverAsync(database, task, vault.OpenClaim(request), proof, request.From);
        return true;
    });

    /// <summary>The platform does not accept a claim's token, or does not know its task.</summary>
    /// <param name="check">The claim.</param>
    /// <param name="why">What the platform answered.</param>
    public Task RefuseAsync(PendingCheck check, string why) => commits.CommitAsync(async database =>
    {
        // If two nodes refuse a number's last two claims at the same time, each would expect the other to end the task.
        await database.AloneAsync(CancellationToken.None);
        if (await database.FindTaskAsync(check.Number) is not { } task) return false;
        var others = await OthersAsync(database, check);
        if (check.Request is not null)
        {
            if (await database.Requests.FindAsync(check.Request) is not { } request) return false;
            database.Requests.Remove(request);
            task.Events.Add(Decided(request, task.State, $"was not accepted: {why}"));
            if (others == 0 && task is { VerifiedAt: null, VerifyAt: null } && !task.State.IsEnded()) Refuse(task, why);
            return true;
        }
        task.VerifyAt = null;
        if (task.VerifiedAt is not null || task.State.IsEnded()) return false;
        if (others == 0) Refuse(task, why);
        else task.Events.Add(Event(task.State, $"the task's first webhook was not accepted: {why}; {Counted.Text(others, "other is", "others are")} still to be verified"));
        return true;
    });

    /// <summary>The number of claims that wait beside the row, without this one: in the database, and after this commit's changes.</summary>
    static async Task<int> OthersAsync(TaskDatabase database, PendingCheck check)
    {
        var stored = await database.Requests.CountAsync(r => r.TaskNumber == check.Number && r.Id != check.Request);
        var here = database.ChangeTracker.Entries<TaskRequest>().Where(e => e.Entity.TaskNumber == check.Number && e.Entity.Id != check.Request).ToList();
        return stored - here.Count(e => e.State is EntityState.Deleted) + here.Count(e => e.State is EntityState.Added);
    }

    /// <summary>The platform gave no answer about a claim: the bridge asks again later.</summary>
    public Task RescheduleCheckAsync(PendingCheck check, string why, DateTimeOffset again) => commits.CommitAsync(async database =>
    {
        if (check.Request is not null)
        {
            if (await database.Requests.FindAsync(check.Request) is { } request) request.VerifyAt = again;
            return true;
        }
        if (await database.FindTaskAsync(check.Number) is not { VerifiedAt: null } task || task.State.IsEnded()) return false;
        if (task.LastError != why) task.Events.Add(Event(task.State, "waits until the platform confirms the task", words: why));
        (task.VerifyAt, task.LastError, task.UpdatedAt) = (again, why, time.GetUtcNow());
        return true;
    });

    /// <summary>
    /// No webhook changes the task any more: it has ended for the platform, or an operator ended it. A task that the operator ended before it was verified may have been a stranger's, and does
    /// not block the platform's webhook.
    /// </summary>
    static bool IsOver(BridgeTask task) => task.State is TaskState.Completed || (task.State is TaskState.Cancelled && task.VerifiedAt is not null) || task.FailureIsReported;

    bool IsSame(BridgeTask known, TaskClaim claim)
    {
        if (known.Objects != claim.Objects) return false;
        try
        {
            var open = vault.Open(known);
            return open.Token == claim.Token && HasUrls(open, claim);
        }
        catch (LostKeyException)
        {
            return false;
        }
    }

    /// <summary>
    /// A webhook of a completed task brings fresh URLs of the same slides: they are kept for viewers, and nothing else of the task changes. Not if the task's result was erased: then its slides
    /// are not for looking any more.
    /// </summary>
    bool RenewsUrls(BridgeTask known, TaskClaim claim)
    {
        if (known is not { State: TaskState.Completed, HasResult: true } || claim.Token is null || known.Objects != claim.Objects || claim.ExpiresAt <= time.GetUtcNow()) return false;
        try
        {
            return !HasUrls(vault.Open(known), claim);
        }
        catch (LostKeyException)
        {
            return true;
        }
    }

    static bool HasUrls(TaskSecrets open, TaskClaim claim) => claim.Scans.All(s => open.Urls.TryGetValue(s.ScanId, out var urls) && urls.SequenceEqual(s.Urls));

    void Confirm(BridgeTask task, TaskProof proof)
    {
        (task.VerifiedAt, task.VerifyAt, task.Proof) = (time.GetUtcNow(), null, proof);
        (task.LastError, task.LastCause) = (null, null);
        if (proof is TaskProof.Key) task.Events.Add(Event(task.State, "verified: the platform has the task; its webhook had no token"));
    }

    void Refuse(BridgeTask task, string why)
    {
        task.LastError = $"Not a task of the platform: {why}.";
        Move(task, TaskState.Failed, $"failed: not a task of the platform: {why}");
    }

    /// <summary>Writes a confirmed claim into the row. A result from other slides is dropped, unless it may be on the platform: then delivery checks that first.</summary>
    async Task TakeOverAsync(TaskDatabase database, BridgeTask task, TaskClaim claim, TaskProof proof, string from)
    {
        var (hasOtherSlides, wasVerified) = (task.Objects != claim.Objects, task.VerifiedAt is not null);
        task.Adopt(claim, vault.Seal(claim.Secrets));
        (task.VerifiedAt, task.VerifyAt, task.Proof) = (time.GetUtcNow(), null, proof);
        if (!wasVerified) task.EndedAt = null; // The task that ended was a stranger's claim.
        if (hasOtherSlides)
        {
            task.StagedOn = null;
            database.Pictures.RemoveRange(await database.Pictures.Where(p => p.TaskNumber == task.Number).ToListAsync());
        }
        var (to, what) = (task.State, wasVerified) switch
        {
            (TaskState.Accepted, false) => (TaskState.Accepted, "replaces the content of a webhook that was not verified"),
            (TaskState.Accepted, true) => (TaskState.Accepted, hasOtherSlides ? "the task has other slides now" : "the task has fresh URLs now"),
            (TaskState.Running, _) when !hasOtherSlides => (TaskState.Running, "the task has fresh URLs now"),
            (TaskState.Classified or TaskState.Delivering, _) when !hasOtherSlides => (task.State, "the task's result is being delivered"),
            (TaskState.Held, _) when !hasOtherSlides => (TaskState.Held, "the task's result is held"),
            (TaskState.Delivering, _) => (TaskState.Delivering, "the task has other slides now and restarts, unless its present result is already on the platform"),
            (TaskState.Failed, _) when task.HasResult && task.HeldUntil is null && (task.Posts > 0 || !hasOtherSlides) => (TaskState.Delivering, "the delivery is tried again"),
            (TaskState.Failed or TaskState.Cancelled, _) => (TaskState.Accepted, "the task restarts"),
            _ => (TaskState.Accepted, "the task has other slides and restarts"),
        };
        var told = $"the webhook from {from} is verified: {what}";
        if (to == task.State)
        {
            Move(task, to, told);
            if (to is TaskState.Held) task.NotBefore = task.Rejection is null ? task.HeldUntil : null;
            return;
        }
        // A run of the earlier content can take no further step.
        task.FencingToken++;
        await RestartAsync(database, task, to, told);
    }

    /// <summary>Limits the number of recorded webhooks, so that a task that is sent endlessly does not grow endlessly.</summary>
    static async Task ForgetOldestCallAsync(TaskDatabase database, BridgeTask task)
    {
        var calls = database.Set<TaskEvent>().Where(e => e.TaskNumber == task.Number && e.From != null);
        // The first webhook's event stays: the task began with it.
        if (await calls.CountAsync() is var count && count >= MostCalls) database.RemoveRange(await calls.OrderBy(e => e.Id).Skip(1).Take(count - MostCalls + 1).ToListAsync());
    }

    /// <summary>The event of what happened to a webhook that waited beside the row.</summary>
    TaskEvent Decided(TaskRequest request, TaskState state, string what) => new() { At = time.GetUtcNow(), State = state, What = $"the webhook from {request.From} {what}", From = request.From };

    TaskEvent Event(WebhookCall call, TaskState state, string what) =>
        new() { At = time.GetUtcNow(), State = state, What = what, From = call.From, Bytes = call.Bytes, BodyHash = call.BodyHash };
}
