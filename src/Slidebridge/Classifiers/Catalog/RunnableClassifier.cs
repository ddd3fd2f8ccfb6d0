using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier with its name and what it may take; it is warmed up once.</summary>
/// <param name="name">Its name.</param>
/// <param name="inner">It.</param>
/// <param name="limits">What it may take.</param>
/// <param name="settings">What its tasks get as their settings, or null.</param>
sealed class RunnableClassifier(string name, IClassifier inner, ClassifierLimits limits, JsonObject? settings) : IDisposable
{
    /// <summary>A classifier that is told to end has this long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    readonly SemaphoreSlim warming = new(1, 1);
    readonly SemaphoreSlim? places = limits.Processes is { } most ? new(most) : null;
    volatile bool warm;

    public string Name => name;

    public JsonObject? Settings => settings;

    /// <summary>What keeps it from being ready; null once it is, and before the first try.</summary>
    public string? Fault { get; private set; }

    /// <summary>Waits until it works on fewer tasks than it may; disposing what is returned lets the next one in.</summary>
    public async Task<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (places is null) return null;
        await places.WaitAsync(cancellationToken);
        return new Place(places);
    }

    /// <summary>Warms it up, where it is not yet.</summary>
    /// <exception cref="NotReadyException">It could not; trying again later may help.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        if (warm) return;
        await warming.WaitAsync(cancellationToken);
        try
        {
            if (warm) return;
            await inner.WarmUpAsync(cancellationToken);
            (warm, Fault) = (true, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = new NotReadyException(name, e);
            Fault = failure.Why;
            throw failure;
        }
        finally
        {
            warming.Release();
        }
    }

    /// <summary>Classifies a task, warmed up first.</summary>
    /// <param name="task">The task.</param>
    /// <param name="context">Its progress and log.</param>
    /// <param name="ending">Cancelled when the time is over that the classifier may take. Whoever waits does so by <see cref="EndingSoonAfterAsync"/>.</param>
    /// <exception cref="NotReadyException">It could not be warmed up.</exception>
    /// <exception cref="ClassifierException">It cannot classify the task, or returned nothing.</exception>
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationTokenSource ending)
    {
        await WarmUpAsync(ending.Token);
        if (limits.TaskTimeout is { } limit && limit <= ClassifierLimits.LongestTimer) ending.CancelAfter(limit);
        return await inner.ClassifyAsync(task, context, ending.Token) ?? throw new ClassifierException($"The classifier {name} returned nothing.");
    }

    /// <summary>Waits for a classifier's work. One that is told to end has a little time for it; then it is left behind, for a thread cannot be killed.</summary>
    /// <param name="work">The classifier's work, and all that must not be cleared away under it.</param>
    /// <param name="ending">Fires when it is told to end.</param>
    /// <param name="stopping">Why else than for its time.</param>
    /// <param name="leftBehind">Called where it is left behind.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TookTooLongException">It took too long.</exception>
    public async Task<T> EndingSoonAfterAsync<T>(Task<T> work, CancellationToken ending, CancellationToken stopping, Action? leftBehind = null)
    {
        using var over = new CancellationTokenSource();
        await using var registration = ending.Register(() => over.CancelAfter(Grace));
        try
        {
            return await work.WaitAsync(over.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            if (!work.IsCompleted)
            {
                leftBehind?.Invoke();
                _ = work.ContinueWith(w => w.Exception, TaskScheduler.Default);
            }
            stopping.ThrowIfCancellationRequested();
            throw new TookTooLongException(name, limits.TaskTimeout!.Value);
        }
    }

    public void Dispose()
    {
        warming.Dispose();
        places?.Dispose();
    }

    sealed class Place(SemaphoreSlim places) : IDisposable
    {
        SemaphoreSlim? places = places;

        public void Dispose() => Interlocked.Exchange(ref places, null)?.Release();
    }
}
