namespace Slidebridge.Techcyte;

/// <summary>The platform as the delivery of results uses it.</summary>
interface IResultPlatform
{
    /// <summary>The tokens for requests about one task.</summary>
    TaskAuthorization Authorize(string? taskToken);

    /// <summary>Posts a task's results. Network failures do not throw; the outcome describes them. An exception of <paramref name="content"/> is thrown to the caller.</summary>
    /// <param name="taskId">The task's id as the platform wrote it.</param>
    /// <param name="content">Makes the body, again for each token that is tried.</param>
    /// <param name="authorization">The task's tokens.</param>
    /// <param name="cancellationToken">Cancels the post.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; the platform may have the results.</exception>
    Task<PostOutcome> PostResultsAsync(string taskId, Func<HttpContent> content, TaskAuthorization authorization, CancellationToken cancellationToken);

    /// <summary>Whether a result of a task is on the platform. A post is stored completely or not at all, so one evaluation of the task is proof.</summary>
    /// <param name="taskId">The task's id as the platform wrote it.</param>
    /// <param name="number">The task's number.</param>
    /// <param name="authorization">The task's tokens.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="PlatformException">The evaluations could not be read, so the answer is unknown.</exception>
    Task<bool> HasResultAsync(string taskId, long number, TaskAuthorization authorization, CancellationToken cancellationToken);
}
