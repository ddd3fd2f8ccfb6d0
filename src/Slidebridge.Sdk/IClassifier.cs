using Slidebridge.Sdk.Results;

namespace Slidebridge.Sdk;

/// <summary>
/// An image classifier: given a task and its scans, it answers with the results that the bridge validates, saves and posts.
/// One classifier runs unchanged behind a webhook, on a local file, or as a job.
/// </summary>
/// <remarks>
/// One instance serves every task of the process, several at a time when the bridge's concurrency is above one:
/// keep per-task state in local variables. The bridge may run a task again after a crash, so have no effects
/// outside the returned results. An <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> is disposed when the bridge ends.
/// </remarks>
public interface IClassifier
{
    /// <summary>
    /// Prepares what every task needs, such as a model in a GPU's memory; called once, before the first task. What it throws
    /// is told to the operator, tasks wait, and it is called again after a while.
    /// </summary>
    /// <param name="cancellationToken">Fires when the bridge shuts down.</param>
    Task WarmUpAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Classifies every scan of a task.</summary>
    /// <param name="task">The task: ids, model, and the scans in the platform's order.</param>
    /// <param name="context">Where this run reports its progress and writes its log.</param>
    /// <param name="cancellationToken">Fires when the task is cancelled or the bridge shuts down.</param>
    /// <returns>
    /// The results, all coordinates in level-0 pixels of their scan. Build them with <see cref="ResultsBuilder"/>:
    /// what breaks a rule of the platform fails the task and is never posted.
    /// </returns>
    /// <exception cref="ClassifierException">The task cannot be classified; its message is shown to the operator.</exception>
    Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken);
}
