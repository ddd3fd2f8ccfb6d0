namespace Slidebridge.Classifiers.Catalog;

/// <summary>
/// Warms every classifier up when the bridge starts, so that the first task does not wait for a model. If a classifier does not start, the bridge tries again;
/// meanwhile tasks are accepted, and wait.
/// </summary>
sealed partial class WarmUp(ClassifierCatalog classifiers, TimeProvider time, ILogger<WarmUp> logger) : BackgroundService
{
    static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(classifiers.Routed.Select(c => WarmAsync(c, stoppingToken)));

    async Task WarmAsync(RunnableClassifier classifier, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await classifier.WarmUpAsync(stoppingToken);
                LogReady(logger, classifier.Name);
                return;
            }
            catch (NotReadyException e)
            {
                LogNotReady(logger, e.LogMessage, BetweenTries);
                await Task.Delay(BetweenTries, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The bridge stops.
            }
            if (stoppingToken.IsCancellationRequested) return;
        }
    }

    [LoggerMessage(190, LogLevel.Information, "The classifier {Classifier} is ready")]
    static partial void LogReady(ILogger logger, string classifier);

    [LoggerMessage(191, LogLevel.Error, "{What}. The classifier's tasks wait; next attempt in {Wait}")]
    static partial void LogNotReady(ILogger logger, string what, TimeSpan wait);
}
