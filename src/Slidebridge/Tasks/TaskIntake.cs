using Slidebridge.Webhook;

namespace Slidebridge.Tasks;

/// <summary>Takes a task in: once this returns, the task is on disk and will be worked on, whatever happens to this process.</summary>
sealed partial class TaskIntake(TaskStore store, TaskDispatcher dispatcher, TimeProvider time, ILogger<TaskIntake> logger)
{
    /// <summary>Stores the task of a request; a task that is there already is left as it is.</summary>
    public async Task AcceptAsync(WebhookRequest request)
    {
        var now = time.GetUtcNow();
        var accepted = await store.AcceptAsync(new BridgeTask
        {
            Number = request.TaskNumber,
            PlatformId = request.TaskId,
            CaseNumber = request.CaseNumber,
            CompanyId = request.CompanyId,
            Model = request.Model,
            Request = request.Json,
            Token = request.Token,
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
        if (accepted) dispatcher.Dispatch(new DueTask(request.TaskNumber, null, IsClassified: false));
        LogTaken(logger, request.TaskNumber, accepted ? "accepted" : "known already");
    }

    [LoggerMessage(100, LogLevel.Information, "Task {Task}: {What}")]
    static partial void LogTaken(ILogger logger, long task, string what);
}
