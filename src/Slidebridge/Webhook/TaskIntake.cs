using System.Security.Cryptography;
using System.Text;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Verification;

namespace Slidebridge.Webhook;

/// <summary>
/// Receives webhooks: once <see cref="AcceptAsync"/> returns, the webhook's content is on disk and will be verified, whatever happens to this process.
/// A node that has reached its limit of unverified webhooks asks the platform first.
/// </summary>
sealed partial class TaskIntake(
    TaskStore store, VerificationQueue queue, WebhookLimits limits, PlatformClient platform, TaskSignal signal, ClassifierOptions classifier, Router router, TimeProvider time, ILogger<TaskIntake> logger)
{
    /// <summary>Lifetime of the platform's URLs, if the URLs do not say.</summary>
    static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    /// <summary>Stores a webhook's content.</summary>
    /// <exception cref="WebhookLimitException">Too many webhooks wait, and the platform did not confirm this one.</exception>
    public async Task AcceptAsync(WebhookRequest request, WebhookCall call, CancellationToken cancellationToken)
    {
        using var span = TaskTelemetry.Accept(request.TaskNumber);
        var claim = ClaimOf(request) with { TraceParent = TaskTelemetry.TraceParentOf(span) };
        var isWithin = !limits.IsCompanyTooFast(request.CompanyId) && limits.TryEnter(call.From, request.CompanyId, call.Bytes);
        if (!isWithin)
        {
            await ConfirmFirstAsync(claim, call.From, cancellationToken);
            if (await store.ReceiveAsync(claim, call, isConfirmed: true) is (_, { } beside)) queue.Add(beside);
            signal.Wake();
            return;
        }
        try
        {
            var (intake, check) = await store.ReceiveAsync(claim, call);
            if (check is not null)
            {
                limits.Keep(check, request.CompanyId, call.Bytes);
                queue.Add(check);
            }
            else limits.Leave(call.From, request.CompanyId, call.Bytes);
            LogTaken(logger, request.TaskNumber, intake);
            if (claim.Token is null && intake is not Intake.Known) LogTokenless(logger, request.TaskNumber, call.From);
        }
        catch
        {
            limits.Leave(call.From, request.CompanyId, call.Bytes);
            throw;
        }
    }

    /// <summary>Records, with its task, a webhook for a known task that was refused before it became a claim.</summary>
    public Task RecordRefusedAsync(WebhookRequest request, WebhookCall call, string why) => store.RecordRefusedAsync(request.TaskNumber, call, why);

    async Task ConfirmFirstAsync(TaskClaim claim, string from, CancellationToken cancellationToken)
    {
        if (claim.Token is null) throw new WebhookLimitException();
        if (!await limits.AskAsync(from, async () => (await platform.CheckTaskAsync(claim.PlatformId, claim.Token, cancellationToken)).Verdict is TaskVerdict.Confirmed, cancellationToken))
            throw new WebhookLimitException();
    }

    TaskClaim ClaimOf(WebhookRequest request)
    {
        var now = time.GetUtcNow();
        var route = router.Find(request.Model, request.CompanyId, [.. request.Scans.Select(s => s.Stain)]);
        var expiry = PresignedUrl.EarliestExpiry(request.Scans.SelectMany(scan => scan.Urls));
        return new TaskClaim
        {
            Number = request.TaskNumber,
            PlatformId = request.TaskId,
            CaseNumber = request.CaseNumber,
            CompanyId = request.CompanyId,
            Model = request.Model,
            Request = request.Json,
            Token = request.Token,
            Group = classifier.WorkerOf(route?.Classifier)?.Group ?? route?.Group ?? classifier.Group,
            Classifier = route?.Classifier,
            ExpiresAt = expiry,
            // A URL that had expired on arrival does not make the task urgent.
            Turn = expiry > now ? expiry.Value : now + UsualLife,
            Objects = ObjectsOf(request.Scans),
            Scans = [.. request.Scans.Select(scan => new ClaimedScan(scan.Id, scan.Urls, scan.Stain?.Value, scan.Stain?.Code, scan.Stain?.Label))],
        };
    }

    /// <summary>Equal for all presigned URLs of the same objects, in any order.</summary>
    internal static string ObjectsOf(IEnumerable<RequestedScan> scans)
    {
        var named = scans.OrderBy(s => s.Id, StringComparer.Ordinal).Select(s => $"{s.Id}\n{string.Join('\n', s.Urls.Select(PresignedUrl.Unsigned).Distinct().Order(StringComparer.Ordinal))}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join("\n\n", named))).AsSpan(0, 16));
    }

    [LoggerMessage(100, LogLevel.Debug, "Task {Task}: {Intake}")]
    static partial void LogTaken(ILogger logger, long task, Intake intake);

    [LoggerMessage(101, LogLevel.Warning, "Task {Task}: received without a token, from {From}; the bridge asks the platform with the API key whether the task exists")]
    static partial void LogTokenless(ILogger logger, long task, string from);
}

/// <summary>Too many webhooks wait to be verified, and the platform did not confirm this one.</summary>
sealed class WebhookLimitException() : Exception("Too many webhooks wait for verification; send this one again later.");
