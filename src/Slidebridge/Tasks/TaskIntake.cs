using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Routing;
using Slidebridge.Staging;
using Slidebridge.Telemetry;
using Slidebridge.Webhook;

namespace Slidebridge.Tasks;

/// <summary>Takes a task in: once this returns, the task is on disk and will be worked on, whatever happens to this process.</summary>
sealed partial class TaskIntake(TaskStore store, TaskSignal signal, ClassifierOptions classifier, Router router, TimeProvider time, ILogger<TaskIntake> logger)
{
    /// <summary>How long the platform's URLs are good for, where they do not tell.</summary>
    static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    /// <summary>Stores the task of a request, or gives one that is there already its fresh URLs.</summary>
    public async Task AcceptAsync(WebhookRequest request)
    {
        using var span = TaskTelemetry.Accept(request.TaskNumber);
        var now = time.GetUtcNow();
        var route = router.Find(request.Model, request.CompanyId, [.. request.Scans.Select(s => s.Stain)]);
        var expiry = PresignedUrl.EarliestExpiry(request.Scans.SelectMany(scan => scan.Urls));
        var intake = await store.AcceptAsync(new BridgeTask
        {
            Number = request.TaskNumber,
            PlatformId = request.TaskId,
            CaseNumber = request.CaseNumber,
            CompanyId = request.CompanyId,
            Model = request.Model,
            Request = request.Json,
            Token = request.Token,
            Group = route?.Group ?? classifier.Group,
            Classifier = route?.Classifier,
            ExpiresAt = expiry,
            Turn = expiry ?? now + UsualLife,
            TraceParent = TaskTelemetry.TraceParentOf(span),
            AcceptedAt = now,
            UpdatedAt = now,
            Scans = [.. request.Scans.Select(scan => new TaskScan
            {
                ScanId = scan.Id,
                Urls = [.. scan.Urls],
                StainValue = scan.Stain?.Value,
                StainCode = scan.Stain?.Code,
                StainLabel = scan.Stain?.Label,
            })],
        });
        if (intake is Intake.Accepted) signal.Wake();
        LogTaken(logger, request.TaskNumber, intake is Intake.Accepted ? "accepted" : "known already");
    }

    [LoggerMessage(100, LogLevel.Debug, "Task {Task}: {What}")]
    static partial void LogTaken(ILogger logger, long task, string what);
}
