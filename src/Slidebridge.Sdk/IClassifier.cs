using Slidebridge.Sdk.Results;

namespace Slidebridge.Sdk;

/// <summary>
/// An image classifier: it receives a task with its scans, and returns the results, which the bridge validates, saves and posts.
/// The same classifier runs behind a webhook, on a local file, or as a job.
/// </summary>
/// <remarks>
/// One instance serves every task of the process, several at a time if the bridge's concurrency is above one:
/// keep per-task state in local variables. The bridge may run a task again after a crash, so avoid side effects
/// besides the returned results. An <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> is disposed when the bridge ends.
/// </remarks>
public interface IClassifier
{
    /// <summary>
    /// Prepares what every task needs, such as a model in a GPU's memory. Called once, before the first task. If it throws,
    /// the operator sees the exception, tasks wait, and the bridge calls it again later.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the bridge shuts down.</param>
    Task WarmUpAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Classifies every scan of a task.</summary>
    /// <param name="task">The task: ids, model, and the scans in the platform's order.</param>
    /// <param name="context">Progress, log and debug files of this run.</param>
    /// <param name="cancellationToken">Cancelled when the task is cancelled or the bridge shuts down.</param>
    /// <returns>
    /// The results, with all coordinates in level-0 pixels of their scan. Build them with <see cref="ResultsBuilder"/>:
    /// a result that breaks a rule of the platform fails the task and is never posted.
    /// </returns>
    /// <exception cref="ClassifierException">The task cannot be classified; its message is shown to the operator.</exception>
    Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken);
}
