using System.Text.Json.Nodes;
using Slidebridge.Provenance;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier with its name and limits; it is warmed up once.</summary>
/// <param name="name">The classifier's name.</param>
/// <param name="inner">The classifier.</param>
/// <param name="limits">Its limits.</param>
/// <param name="identity">What it is made of.</param>
sealed class RunnableClassifier(string name, IClassifier inner, ClassifierLimits limits, ClassifierIdentity identity) : IDisposable
{
    /// <summary>How long a cancelled classifier has to return.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    readonly SemaphoreSlim warming = new(1, 1);
    readonly SemaphoreSlim? places = limits.Processes is { } most ? new(most) : null;
    volatile bool warm;

    public string Name => name;

    /// <summary>The settings that its tasks receive, or null.</summary>
    public JsonObject? Settings => identity.Settings;

    /// <summary>Full paths of the files that it is made of; empty for a C# class.</summary>
    public IReadOnlyList<string> Files => inner is IMadeOfFiles made ? [.. made.Files.Concat(identity.Files).Distinct()] : identity.Files;

    /// <summary>It receives its slides' URLs, and may fetch what it likes.</summary>
    public bool ReceivesUrls => limits.Urls;

    /// <summary>What it is made of, with the settings of a task. Complete once it is warm.</summary>
    public ClassifierProvenance ProvenanceWith(JsonObject? settings) => identity.Of(name, inner, settings, limits);

    /// <summary>Why the classifier is not ready; null once it is, and before the first attempt.</summary>
    public string? Fault { get; private set; }

    /// <summary>Waits until the classifier works on fewer tasks than its limit; disposing the result lets the next one in.</summary>
    public async Task<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (places is null) return null;
        await places.WaitAsync(cancellationToken);
        return new Place(places);
    }

    /// <summary>Warms the classifier up, unless that was already done.</summary>
    /// <exception cref="NotReadyException">The warm-up failed; a later attempt may succeed.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        if (warm) return;
        await warming.WaitAsync(cancellationToken);
        try
        {
            if (warm) return;
            var reading = Task.Run(() => identity.ReadAsync(inner, cancellationToken), cancellationToken);
            await inner.WarmUpAsync(cancellationToken);
            await reading;
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

    /// <summary>Classifies a task, after a warm-up.</summary>
    /// <param name="task">The task.</param>
    /// <param name="context">The task's progress and log.</param>
    /// <param name="ending">Cancelled when the classifier's time limit is over. The caller waits with <see cref="EndingSoonAfterAsync"/>.</param>
    /// <exception cref="NotReadyException">The warm-up failed.</exception>
    /// <exception cref="ClassifierException">The classifier cannot classify the task, or returned nothing.</exception>
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationTokenSource ending)
    {
        await WarmUpAsync(ending.Token);
        if (limits.TaskTimeout is { } limit && limit <= ClassifierLimits.LongestTimer) ending.CancelAfter(limit);
        return await inner.ClassifyAsync(task, context, ending.Token) ?? throw new ClassifierException($"The classifier {name} returned nothing.");
    }

    /// <summary>Waits for a classifier's work. After cancellation, it waits a little longer; then it stops waiting and leaves the classifier running, because a thread cannot be killed.</summary>
    /// <param name="work">The classifier's work, and everything that must not be disposed before it ends.</param>
    /// <param name="ending">Cancelled when the classifier must end.</param>
    /// <param name="stopping">Cancelled if there is another reason than the time limit.</param>
    /// <param name="leftBehind">Called if the classifier is left running.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="TookTooLongException">The time limit is over.</exception>
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
