namespace Slidebridge.Techcyte;

/// <summary>The platform as the delivery of results sees it.</summary>
interface IResultPlatform
{
    /// <summary>The tokens to act for one task with.</summary>
    TaskAuthorization Authorize(string? taskToken);

    /// <summary>Posts a task's results. Never throws for what happens on the way: the outcome says it. What <paramref name="content"/> throws goes through.</summary>
    /// <param name="taskId">The task's id as the platform wrote it.</param>
    /// <param name="content">Makes the body, anew for each token that is tried.</param>
    /// <param name="authorization">The task's tokens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">The caller gave up; the platform may have the results.</exception>
    Task<PostOutcome> PostResultsAsync(string taskId, Func<HttpContent> content, TaskAuthorization authorization, CancellationToken cancellationToken);

    /// <summary>Whether a result of a task is on the platform. A post is all or nothing, so any evaluation of the task tells for all.</summary>
    /// <param name="taskId">The task's id as the platform wrote it.</param>
    /// <param name="number">The task's number.</param>
    /// <param name="authorization">The task's tokens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PlatformException">The evaluations could not be read: nothing is known.</exception>
    Task<bool> HasResultAsync(string taskId, long number, TaskAuthorization authorization, CancellationToken cancellationToken);
}
