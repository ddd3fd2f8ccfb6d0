using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Storage;

/// <content>
/// How a claim becomes a task. Several webhooks may claim one number; the first has the row, the others wait beside it, each is checked, and what the platform confirms wins:
/// <code>
/// webhook ─1─ stored: row, or beside it ─2─ the platform is asked ─┬─ confirmed ──► the row says what this claim says, and the task waits for its turn
///                                                                 ├─ refused   ──► the claim is dropped; the last of its number: failed
///                                                                 └─ no answer ──► asked again later
/// </code>
/// docs/decisions/verification.md
/// </content>
sealed partial class TaskStore
{
    /// <summary>A node that has stored a claim asks about it itself, at once. After this, any node does.</summary>
    static readonly TimeSpan OwnCheck = TimeSpan.FromSeconds(15);

    /// <summary>A key ring may be one node's wrong one, or come back with a mount: what was acknowledged is not thrown away for it at once.</summary>
    static readonly TimeSpan KeyIsAwaited = TimeSpan.FromHours(24), BetweenKeys = TimeSpan.FromMinutes(1);

    /// <summary>Webhooks recorded with one task; of more, the oldest give way.</summary>
    const int MostCalls = 100;

    /// <summary>1. Stores what a webhook says, or records that it says nothing new.</summary>
    public async Task<(Intake Intake, PendingCheck? Check)> ReceiveAsync(TaskClaim claim, WebhookCall call, bool isConfirmed = false)
    {
        var secrets = vault.Seal(claim.Secrets);
        var (tries, now) = (0, time.GetUtcNow());
        TaskRequest? beside = null;
        var intake = await commits.CommitAsync(async database =>
        {
            // Nearly all are new, and a look costs as much as the row: the database itself refuses the others, and then they are looked up.
            var known = tries++ == 0 ? database.Tasks.Local.FindEntry(claim.Number)?.Entity : await database.Tasks.FindAsync(claim.Number);
            if (known is not null)
            {
                (var again, beside) = await ReceiveAgainAsync(database, known, claim, call);
                return again;
            }
            // Anew at each try: one that a failed commit has numbered would keep its number.
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
        if (IsOver(known))
        {
            known.Events.Add(Event(call, known.State, $"sent again: it is {known.State.Name()} already"));
            return (Intake.Known, null);
        }
        if (claim.Token is null && known.Proof is TaskProof.Token)
        {
            known.Events.Add(Event(call, known.State, "a webhook without a token was not taken: the task is confirmed by its own"));
            return (Intake.Known, null);
        }
        if (known.State is not TaskState.Failed && (known.VerifiedAt ?? known.VerifyAt) is not null && IsSame(known, claim))
        {
            known.Events.Add(Event(call, known.State, "sent again, as before"));
            return (Intake.Known, null);
        }
        var request = new TaskRequest { TaskNumber = known.Number, ReceivedAt = time.GetUtcNow(), VerifyAt = time.GetUtcNow() + OwnCheck, From = call.From, Claim = vault.Seal(claim) };
        database.Requests.Add(request);
        known.Events.Add(Event(call, known.State, "sent again: stored beside it, and verified first"));
        return (Intake.StoredBeside, request);
    }

    /// <summary>Records a webhook that was answered and not taken, where its task is known.</summary>
    public Task RecordRefusedAsync(long number, WebhookCall call, string why) => commits.CommitAsync(async database =>
    {
        if (await database.Tasks.FindAsync(number) is not { } task) return false;
        await ForgetOldestCallAsync(database, task);
        task.Events.Add(Event(call, task.State, $"a webhook was not taken: {why}"));
        return true;
    });

    /// <summary>Claims that nobody is asking about: of nodes that died, or put off. They are this node's for a while.</summary>
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
                    if (task.LastError != e.Message) task.Events.Add(Event(task.State, "waits until it can be decrypted", words: e.Message));
                    (task.VerifyAt, task.LastError) = (now + BetweenKeys, e.Message);
                }
                catch (LostKeyException e)
                {
                    task.LastError = e.Message;
                    Move(task, TaskState.Failed, "failed: it cannot be verified", words: e.Message);
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
                    // What it said is not known any more. A row that waited for it is asked about once more.
                    database.Requests.Remove(request);
                    if (await database.Tasks.FindAsync([request.TaskNumber], cancellationToken) is { VerifiedAt: null, VerifyAt: null } task && !task.State.IsEnded()) task.VerifyAt = now;
                }
            }
            return checks;
        });
    }

    /// <summary>Those of these claims that the platform is not to be asked about any more.</summary>
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

    /// <summary>The platform confirmed a claim: the row says what it says, and waits for its turn.</summary>
    public Task ConfirmAsync(PendingCheck check) => commits.CommitAsync(async database =>
    {
        // Nearly all are the first of their number and have a token: for these one statement is all.
        var (now, isUsual) = (time.GetUtcNow(), check is { Request: null, Token: not null });
        if (isUsual && await database.Tasks.Where(t => t.Number == check.Number && t.AcceptedAt == check.Since && t.VerifiedAt == null && t.State == TaskState.Accepted && t.LastError == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.VerifiedAt, now).SetProperty(t => t.VerifyAt, (DateTimeOffset?)null).SetProperty(t => t.Proof, TaskProof.Token)) == 1) return true;
        if (await database.Tasks.FindAsync(check.Number) is not { } task) return false;
        var proof = check.Token is null ? TaskProof.Key : TaskProof.Token;
        if (check.Request is null)
        {
            // A claim beside it may have been confirmed first, and is the row's now.
            if (task.VerifiedAt is null && !task.State.IsEnded()) Confirm(task, proof);
            else task.VerifyAt = null;
            return true;
        }
        if (await database.Requests.FindAsync(check.Request) is not { } request) return false;
        database.Requests.Remove(request);
        if (IsOver(task)) task.Events.Add(Decided(request, task.State, "is confirmed, but the task has ended"));
        else if (proof is TaskProof.Key && task.Proof is TaskProof.Token) task.Events.Add(Decided(request, task.State, "was not taken: it has no token, and the task is confirmed by its own"));
        else await TakeOverAsync(database, task, vault.OpenClaim(request), proof, request.From);
        return true;
    });

    /// <summary>The platform does not know a claim's token, or its task.</summary>
    /// <param name="check">The claim.</param>
    /// <param name="why">What the platform answered.</param>
    public Task RefuseAsync(PendingCheck check, string why) => commits.CommitAsync(async database =>
    {
        // Of two nodes that refuse a number's last two claims, each would leave the row to the other's.
        await database.AloneAsync(CancellationToken.None);
        if (await database.Tasks.FindAsync(check.Number) is not { } task) return false;
        var others = await OthersAsync(database, check);
        if (check.Request is not null)
        {
            if (await database.Requests.FindAsync(check.Request) is not { } request) return false;
            database.Requests.Remove(request);
            task.Events.Add(Decided(request, task.State, $"was not taken: {why}"));
            if (others == 0 && task is { VerifiedAt: null, VerifyAt: null } && !task.State.IsEnded()) Refuse(task, why);
            return true;
        }
        task.VerifyAt = null;
        if (task.VerifiedAt is not null || task.State.IsEnded()) return false;
        if (others == 0) Refuse(task, why);
        else task.Events.Add(Event(task.State, $"its first webhook was not taken: {why}; {Counted.Text(others, "other is", "others are")} still to be verified"));
        return true;
    });

    /// <summary>The claims that wait beside the row, but for this one: in the database, and as this commit leaves them.</summary>
    static async Task<int> OthersAsync(TaskDatabase database, PendingCheck check)
    {
        var stored = await database.Requests.CountAsync(r => r.TaskNumber == check.Number && r.Id != check.Request);
        var here = database.ChangeTracker.Entries<TaskRequest>().Where(e => e.Entity.TaskNumber == check.Number && e.Entity.Id != check.Request).ToList();
        return stored - here.Count(e => e.State is EntityState.Deleted) + here.Count(e => e.State is EntityState.Added);
    }

    /// <summary>The platform gave no answer about a claim: it is asked again later.</summary>
    public Task PutOffCheckAsync(PendingCheck check, string why, DateTimeOffset again) => commits.CommitAsync(async database =>
    {
        if (check.Request is not null)
        {
            if (await database.Requests.FindAsync(check.Request) is { } request) request.VerifyAt = again;
            return true;
        }
        if (await database.Tasks.FindAsync(check.Number) is not { VerifiedAt: null } task || task.State.IsEnded()) return false;
        if (task.LastError != why) task.Events.Add(Event(task.State, "waits until the platform confirms it", words: why));
        (task.VerifyAt, task.LastError, task.UpdatedAt) = (again, why, time.GetUtcNow());
        return true;
    });

    /// <summary>
    /// Nothing that comes changes it any more: it has ended for the platform, or an operator ended it. One that he ended before it was verified may have been a stranger's, and is in
    /// nobody's way.
    /// </summary>
    static bool IsOver(BridgeTask task) => task.State is TaskState.Completed || (task.State is TaskState.Cancelled && task.VerifiedAt is not null) || task.FailureIsReported;

    bool IsSame(BridgeTask known, TaskClaim claim)
    {
        if (known.Objects != claim.Objects) return false;
        try
        {
            var open = vault.Open(known);
            return open.Token == claim.Token && claim.Scans.All(s => open.Urls.TryGetValue(s.ScanId, out var urls) && urls.SequenceEqual(s.Urls));
        }
        catch (LostKeyException)
        {
            return false;
        }
    }

    void Confirm(BridgeTask task, TaskProof proof)
    {
        (task.VerifiedAt, task.VerifyAt, task.Proof) = (time.GetUtcNow(), null, proof);
        (task.LastError, task.LastCause) = (null, null);
        if (proof is TaskProof.Key) task.Events.Add(Event(task.State, "verified: the platform has the task; it was taken without a token"));
    }

    void Refuse(BridgeTask task, string why)
    {
        task.LastError = $"Not a task of the platform: {why}.";
        Move(task, TaskState.Failed, $"failed: not a task of the platform: {why}");
    }

    /// <summary>A confirmed claim takes the row. What was made from other slides is dropped, unless it may be on the platform: then delivery looks first.</summary>
    async Task TakeOverAsync(TaskDatabase database, BridgeTask task, TaskClaim claim, TaskProof proof, string from)
    {
        var (hasOtherSlides, wasVerified) = (task.Objects != claim.Objects, task.VerifiedAt is not null);
        task.Adopt(claim, vault.Seal(claim.Secrets));
        (task.VerifiedAt, task.VerifyAt, task.Proof) = (time.GetUtcNow(), null, proof);
        if (!wasVerified) task.EndedAt = null; // What ended was a stranger's claim.
        if (hasOtherSlides)
        {
            task.StagedOn = null;
            database.Pictures.RemoveRange(await database.Pictures.Where(p => p.TaskNumber == task.Number).ToListAsync());
        }
        var (to, what) = (task.State, wasVerified) switch
        {
            (TaskState.Accepted, false) => (TaskState.Accepted, "replaces what a webhook said that was not verified"),
            (TaskState.Accepted, true) => (TaskState.Accepted, hasOtherSlides ? "it has other slides now" : "it has fresh URLs now"),
            (TaskState.Running, _) when !hasOtherSlides => (TaskState.Running, "it has fresh URLs now"),
            (TaskState.Classified or TaskState.Delivering, _) when !hasOtherSlides => (task.State, "its result is being delivered"),
            (TaskState.Delivering, _) => (TaskState.Delivering, "it has other slides now: begins anew, unless the result that it has is on the platform already"),
            (TaskState.Failed, _) when task.HasResult && (task.Posts > 0 || !hasOtherSlides) => (TaskState.Delivering, "its delivery is tried anew"),
            (TaskState.Failed or TaskState.Cancelled, _) => (TaskState.Accepted, "tried anew"),
            _ => (TaskState.Accepted, "it has other slides: begins anew"),
        };
        var told = $"the webhook from {from} is verified: {what}";
        if (to == task.State)
        {
            Move(task, to, told);
            return;
        }
        // A run of what it was takes no further step.
        task.FencingToken++;
        await RestartAsync(database, task, to, told);
    }

    /// <summary>So that a task that is sent without end does not grow without end.</summary>
    static async Task ForgetOldestCallAsync(TaskDatabase database, BridgeTask task)
    {
        var calls = database.Set<TaskEvent>().Where(e => e.TaskNumber == task.Number && e.From != null);
        // The first stays: the task began with it.
        if (await calls.CountAsync() is var count && count >= MostCalls) database.RemoveRange(await calls.OrderBy(e => e.Id).Skip(1).Take(count - MostCalls + 1).ToListAsync());
    }

    /// <summary>What became of a webhook that waited beside the row.</summary>
    TaskEvent Decided(TaskRequest request, TaskState state, string what) => new() { At = time.GetUtcNow(), State = state, What = $"the webhook from {request.From} {what}", From = request.From };

    TaskEvent Event(WebhookCall call, TaskState state, string what) =>
        new() { At = time.GetUtcNow(), State = state, What = what, From = call.From, Bytes = call.Bytes, BodyHash = call.BodyHash };
}
