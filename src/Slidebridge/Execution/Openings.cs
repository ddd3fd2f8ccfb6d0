using Slidebridge.Slides;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Execution;

/// <summary>
/// Prevents slow slides from holding the places of a node: docs/decisions/openings.md.
/// 1. All slides of a task must be open within <c>--open-timeout</c>; otherwise the task is retried later.
/// 2. A task whose slides are not open after a few seconds is parked: it releases its place to another task, and takes a place again once its slides are open.
/// 3. The number of parked tasks is limited, with a lower limit for one host. A task that cannot be parked is rescheduled.
/// </summary>
sealed partial class Openings(OpeningOptions options, TaskSignal signal, TimeProvider time, ILogger<Openings> logger)
{
    /// <summary>Maximum parked tasks. Each holds a few requests and little memory.</summary>
    public const int MostAside = 32;

    /// <summary>Maximum parked tasks for one host, so that tasks of other hosts can be parked whatever one host does.</summary>
    public const int MostAsideOfHost = 24;

    /// <summary>A slide that arrives at all is open within this time, because opening reads only a range or two of its bytes.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Minimum time between two warnings.</summary>
    static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    sealed record Waiting(string Host, string Classifier);

    readonly List<Waiting> aside = [];
    readonly Lock gate = new();
    long? warned;

    /// <summary>Number of parked tasks.</summary>
    public int Aside
    {
        get
        {
            lock (gate) return aside.Count;
        }
    }

    /// <summary>Why tasks with slow slides are rescheduled at once; null while there is room for them. Names no host.</summary>
    public string? Shortage => Aside is var count && count >= MostAside
        ? $"{Counted.Text(count, "task waits", "tasks wait")} for slides that do not load; further tasks with slow slides are rescheduled at once." : null;

    /// <summary>Number of parked tasks of a classifier.</summary>
    public int AsideOf(string classifier)
    {
        lock (gate) return aside.Count(w => w.Classifier == classifier);
    }

    /// <summary>Opens a task's slides.</summary>
    /// <param name="host">The host of the first slide, for the limits.</param>
    /// <param name="classifier">The task's classifier.</param>
    /// <param name="place">The node's place that the task holds; null if it holds none.</param>
    /// <param name="open">Opens the slides, and reports the bytes that it copies.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideSourceException">The slides are not open in time, or one cannot be reached.</exception>
    public async Task<OpenedTask> OpenAsync(
        string host, string classifier, ClassifierSlots.Place? place, Func<IProgress<long>, CancellationToken, Task<OpenedTask>> open, CancellationToken cancellationToken)
    {
        var clock = new OpeningClock(options.Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var opening = open(clock, stop.Token);
        try
        {
            if (!await EndsWithinAsync(opening, Patience < options.Timeout ? Patience : options.Timeout, cancellationToken))
                await StandAsideAsync(opening, clock, new Waiting(host, classifier), place, cancellationToken);
            var opened = await opening;
            if (place is { IsHeld: false }) await place.TakeAsync(cancellationToken);
            return opened;
        }
        catch
        {
            await stop.CancelAsync();
            // Not awaited: an opening that hangs may continue to hang.
            _ = opening.ContinueWith(static late => late.IsCompletedSuccessfully ? late.Result.DisposeAsync().AsTask() : Task.FromResult(late.Exception), TaskScheduler.Default);
            throw;
        }
    }

    async Task StandAsideAsync(Task opening, OpeningClock clock, Waiting waiting, ClassifierSlots.Place? place, CancellationToken cancellationToken)
    {
        Enter(waiting);
        try
        {
            place?.GiveUp();
            signal.Wake();
            while (!await EndsWithinAsync(opening, clock.Left, cancellationToken))
                if (clock.Left <= TimeSpan.Zero) throw new SlideSourceException(SlideSourceFailure.Unreachable, $"The slides at {waiting.Host} were not open within {options.Timeout.TotalSeconds:0.#} s (--open-timeout).", isTransient: true);
        }
        finally
        {
            lock (gate) aside.Remove(waiting);
        }
    }

    void Enter(Waiting waiting)
    {
        int ofHost;
        bool isFull;
        lock (gate)
        {
            ofHost = aside.Count(w => w.Host == waiting.Host);
            isFull = aside.Count >= MostAside || ofHost >= MostAsideOfHost;
            if (!isFull) aside.Add(waiting);
        }
        if (!isFull) return;
        lock (gate)
        {
            if (warned is not { } last || time.GetElapsedTime(last) >= BetweenWarnings)
            {
                warned = time.GetTimestamp();
                LogCrowded(logger, Aside, ofHost, waiting.Host);
            }
        }
        throw new CrowdedException(waiting.Host);
    }

    async Task<bool> EndsWithinAsync(Task work, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await work.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            return work.IsCompleted;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(180, LogLevel.Warning, "{Count} tasks wait for slides that do not load, {OfHost} of them for {Host}; further tasks with slow slides are rescheduled at once")]
    static partial void LogCrowded(ILogger logger, int count, int ofHost, string host);
}
