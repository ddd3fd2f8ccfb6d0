using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary>
/// What <c>slidebridge work</c> and the bridge say to each other, over HTTPS: docs/decisions/workers.md.
/// <code>
/// worker                                              bridge
///   POST /work/leases            (waits for work) ──►  a lease: task, slides' URLs, classifier, settings, fencing token
///   POST /work/heartbeat         (every few s)    ──►  the leases that are lost
///   PUT  /work/leases/ID/result/PART              ──►  a part of the result; may be sent again
///   POST /work/leases/ID/result                   ──►  the result is complete: validated again, saved, delivered by the bridge
///   POST /work/leases/ID/failure | /release       ──►  the run ends without a result
/// </code>
/// </summary>
static class WorkProtocol
{
    /// <summary>Changed with every change that an older side would misread.</summary>
    public const int Version = 1;

    /// <summary>The longest wait for work in one call; shorter than what proxies allow.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    /// <summary>The header of an answer without work to a worker that must not end for being idle.</summary>
    public const string Stay = "X-Stay";

    /// <summary>The size of a result's parts in bytes: below the megabyte that proxies accept without being configured.</summary>
    public const int PartBytes = 768 << 10;
}

/// <summary>How long a lease lasts.</summary>
/// <param name="Time">A lease that was not renewed for this long is taken over: <c>--lease-time</c>.</param>
sealed record LeaseOptions(TimeSpan Time)
{
    /// <summary>How often a worker renews its leases. After one that the bridge did not answer, it tries sooner.</summary>
    public TimeSpan Heartbeat => Time / 3;
}

/// <summary>A lease's id: the task and the fencing token of its run.</summary>
readonly record struct LeaseId(long Task, int FencingToken)
{
    /// <summary>The id of a text such as <c>185714.3</c>, or null.</summary>
    public static LeaseId? Parse(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var task) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var token)
            ? new LeaseId(task, token) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Task}.{FencingToken}");
}

/// <summary>A worker, as it describes itself in every call.</summary>
/// <param name="Name">Unique among the workers that are at work.</param>
/// <param name="Instance">Different for each start of the process.</param>
/// <param name="Protocol"><see cref="WorkProtocol.Version"/>.</param>
/// <param name="Version">The worker's version of Slidebridge.</param>
/// <param name="Groups">The execution groups whose tasks it takes; empty: all of its token's.</param>
/// <param name="Classifiers">The names of its classifiers.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="Gpu">Its GPUs, as the driver names them; null: none is known.</param>
sealed record WorkerDescription(string Name, string Instance, int Protocol, string Version, IReadOnlyList<string> Groups, IReadOnlyList<string> Classifiers, string Machine, string? Gpu);

/// <param name="Worker">Who asks.</param>
/// <param name="WaitSeconds">How long to wait for a task; at most <see cref="WorkProtocol.LongestWait"/>.</param>
sealed record LeaseRequest(WorkerDescription Worker, double WaitSeconds);

/// <summary>A run of one task, lent to a worker until its lease is not renewed any more.</summary>
/// <param name="Id">The lease's id: <see cref="LeaseId"/>.</param>
/// <param name="Number">The platform's number of the task.</param>
/// <param name="CaseNumber">The platform's number of the case.</param>
/// <param name="Request">The webhook's fields as JSON, without tokens and URLs.</param>
/// <param name="Classifier">The classifier's name.</param>
/// <param name="Settings">The classifier's and the route's settings.</param>
/// <param name="Scans">The slides.</param>
/// <param name="Crashes">See <see cref="BridgeTask.Crashes"/>.</param>
/// <param name="LoneCrashes">See <see cref="BridgeTask.LoneCrashes"/>.</param>
/// <param name="Delays">See <see cref="BridgeTask.Delays"/>.</param>
/// <param name="AcceptedAt">When the bridge received the task.</param>
/// <param name="TraceParent">The W3C <c>traceparent</c> of the task's trace.</param>
/// <param name="PostProvenance">The record of what made the result becomes a part of it.</param>
/// <param name="RenewSeconds">How often the worker renews its leases.</param>
/// <param name="Retries">How a failed run is retried.</param>
sealed record LeaseJson(
    string Id, long Number, long? CaseNumber, string? CompanyId, string? Model, string? Request, string Classifier, JsonElement? Settings, IReadOnlyList<LeasedScan> Scans,
    int Crashes, int LoneCrashes, int Delays, DateTimeOffset AcceptedAt, string? TraceParent, bool PostProvenance, double RenewSeconds, LeasedRetries Retries)
{
    /// <summary>The default ToString prints all members, and this record holds presigned URLs.</summary>
    public override string ToString() => $"lease {Id}";
}

/// <param name="ScanId">The platform's scan id.</param>
/// <param name="Urls">Every URL of the scan: the store's presigned ones, or the bridge's own.</param>
/// <param name="HasPicture">The bridge has the scan's small picture already.</param>
sealed record LeasedScan(string ScanId, IReadOnlyList<string> Urls, string? StainValue, string? StainCode, string? StainLabel, bool HasPicture)
{
    /// <summary>The default ToString prints all members, and this record holds presigned URLs.</summary>
    public override string ToString() => $"scan {ScanId}";
}

/// <summary>The bridge's rules for runs that fail: <see cref="Execution.FailurePolicy"/>.</summary>
sealed record LeasedRetries(int Tries, double FirstSeconds, double LongestSeconds, int CrashLimit);

/// <param name="Worker">Who renews.</param>
/// <param name="Leases">All leases that the worker holds: the bridge takes the others back.</param>
/// <param name="IsLeaving">The worker ends now.</param>
sealed record HeartbeatRequest(WorkerDescription Worker, IReadOnlyList<HeldLease> Leases, bool IsLeaving = false);

/// <param name="Id">The lease.</param>
/// <param name="Progress">The completed part of each scan, 0 to 1.</param>
sealed record HeldLease(string Id, IReadOnlyDictionary<string, double>? Progress = null);

/// <param name="Lost">The leases that are the worker's no longer: their runs must end.</param>
sealed record HeartbeatAnswer(IReadOnlyList<string> Lost);

/// <summary>The end of a result's upload: the parts together are the result, its provenance and its ledger, one after the other.</summary>
/// <param name="Parts">The number of parts.</param>
/// <param name="ResultBytes">Length of the result.</param>
/// <param name="ProvenanceBytes">Length of the provenance.</param>
/// <param name="LedgerBytes">Length of the ledger; 0: none.</param>
/// <param name="Sha256">SHA-256 of all bytes, in hexadecimal.</param>
/// <param name="Cost">What the run has cost.</param>
sealed record ResultEnd(int Parts, long ResultBytes, long ProvenanceBytes, long LedgerBytes, string Sha256, CostJson Cost);

/// <param name="Pixels">Pixels decoded for the classifier.</param>
/// <param name="Seconds">Seconds of classifier time.</param>
sealed record CostJson(long Pixels, double Seconds)
{
    public static CostJson Of(RunCost? cost) => new(cost?.Pixels ?? 0, cost?.Seconds ?? 0);

    /// <summary>The cost, without what no run can cost.</summary>
    public RunCost ToCost() => new() { Pixels = Math.Max(0, Pixels), Seconds = double.IsFinite(Seconds) ? Math.Clamp(Seconds, 0, TimeSpan.FromDays(30).TotalSeconds) : 0 };
}

/// <summary>A run that failed.</summary>
/// <param name="WaitSeconds">The wait before the next attempt; null: there is none, the task fails.</param>
/// <param name="Error">Why, for the operator.</param>
/// <param name="Cause">The exact cause.</param>
/// <param name="Plain">Why, in one sentence for the pathologist.</param>
/// <param name="Delays">How often the task was rescheduled.</param>
/// <param name="Cost">What the run has cost.</param>
sealed record FailedRun(double? WaitSeconds, string? Error, string? Cause, string? Plain, int Delays, CostJson Cost);

/// <param name="Why">For the task's event log.</param>
/// <param name="WaitSeconds">Time before the task may be leased again.</param>
sealed record ReleasedRun(string Why, double WaitSeconds = 0);

/// <summary>What a run records beside its result.</summary>
/// <param name="Log">The classifier's log.</param>
/// <param name="Warnings">The slides' warnings.</param>
/// <param name="Cost">The cost of a run that did not complete.</param>
sealed record RunNotes(string? Log = null, IReadOnlyList<NotedWarning>? Warnings = null, CostJson? Cost = null);

sealed record NotedWarning(string ScanId, string Code, string Message);

/// <param name="Width">The slide's width in level-0 pixels.</param>
/// <param name="Height">The slide's height in level-0 pixels.</param>
/// <param name="Jpeg">The picture; null: the slide has none that can be read quickly.</param>
sealed record PictureJson(int Width, int Height, byte[]? Jpeg);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseJson))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeartbeatAnswer))]
[JsonSerializable(typeof(ResultEnd))]
[JsonSerializable(typeof(FailedRun))]
[JsonSerializable(typeof(ReleasedRun))]
[JsonSerializable(typeof(RunNotes))]
[JsonSerializable(typeof(PictureJson))]
[JsonSerializable(typeof(IReadOnlyList<WorkerJson>))]
sealed partial class WorkJson : JsonSerializerContext;
