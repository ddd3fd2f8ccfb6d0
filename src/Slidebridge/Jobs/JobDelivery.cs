using System.Net.Http.Headers;
using Slidebridge.Delivery;
using Slidebridge.Techcyte;

namespace Slidebridge.Jobs;

/// <summary>
/// Posts a job's results once, even if the scheduler starts the job again: it checks the platform before the first post, because an earlier attempt may have
/// delivered, and after an unanswered post. Nothing is stored between attempts: two that run at the same time cannot be distinguished.
/// </summary>
sealed class JobDelivery(IResultPlatform platform, JobTask task, DeliveryOptions options, TimeProvider time, Action<string> tell)
{
    /// <inheritdoc cref="IResultPlatform.HasResultAsync"/>
    public Task<bool> IsThereAsync(CancellationToken cancellationToken) => platform.HasResultAsync(task.TaskId, task.Number, platform.Authorize(task.Token), cancellationToken);

    /// <summary>Delivers results, and retries for as long as the options say.</summary>
    /// <exception cref="ResultsRefusedException">The platform refuses the results.</exception>
    /// <exception cref="PlatformException">The results could not be delivered in time.</exception>
    public async Task DeliverAsync(byte[] results, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            var (what, wait) = await TryAsync(results, failures, cancellationToken);
            if (what is null) return;
            if (time.GetElapsedTime(begun) + wait > options.Window) throw new PlatformException($"The results were not delivered within {options.Window}: {what}");
            tell($"{what}; next attempt in {wait.TotalSeconds:0.#} s");
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <returns>Why the attempt failed, and how long to wait; null if the results are delivered.</returns>
    async Task<(string? What, TimeSpan Wait)> TryAsync(byte[] results, int failures, CancellationToken cancellationToken)
    {
        try
        {
            if (await IsThereAsync(cancellationToken)) return default;
        }
        catch (PlatformException e)
        {
            return (e.Message.TrimEnd('.'), options.Backoff.Wait(failures, e.RetryAfter));
        }
        // The post is not cancelled if the job is stopped now: it would not be known whether the post arrived.
        var outcome = await platform.PostResultsAsync(task.TaskId, () => new ByteArrayContent(results) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, platform.Authorize(task.Token), CancellationToken.None);
        var wait = options.Backoff.Wait(failures, outcome.RetryAfter);
        return outcome.Status switch
        {
            PostStatus.Accepted => default,
            PostStatus.Refused => throw new ResultsRefusedException(outcome.Detail),
            PostStatus.NotArrived => ($"the platform {outcome.Summary}", wait),
            _ => ($"the platform {outcome.Summary}", wait > options.Settle ? wait : options.Settle),
        };
    }
}

/// <summary>The platform has read the results and refuses them.</summary>
sealed class ResultsRefusedException(string words) : SlidebridgeException($"The platform refused the results: {words}");
