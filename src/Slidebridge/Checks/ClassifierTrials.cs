using System.Collections.Concurrent;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Objects;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Checks;

/// <summary>
/// Runs a classifier of this node once on a small generated slide, as a task would run it, but without a task: nothing is stored or posted. One trial at a time; it waits for a place among the
/// tasks, so that the node never runs more classifications than its limit.
/// </summary>
sealed class ClassifierTrials(ClassifierCatalog classifiers, ClassifierSlots slots, NodeOptions node, DataDirectory data, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Maximum duration of a trial, with the waiting for a place and for the classifier's warm-up. The classifier's own limit applies too.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The generated slide, level-0 pixels.</summary>
    public const int Width = 1024, Height = 768;

    const string ScanId = "1";

    readonly ConcurrentDictionary<(string Name, bool IsShadow), Trial> last = [];
    bool isBusy;

    /// <summary>The classifiers that can be tried on this node, with those that run as shadows.</summary>
    public IEnumerable<(RunnableClassifier Classifier, bool IsShadow)> All =>
        node.RunsTasks ? [.. classifiers.Routed.Select(each => (each, false)), .. classifiers.Shadows.Select(each => (each, true))] : [];

    /// <summary>What came of the last trial since the start; null: there was none.</summary>
    public Trial? LastOf(string name, bool isShadow) => last.GetValueOrDefault((name, isShadow));

    /// <summary>Tries a classifier.</summary>
    /// <param name="classifier">One of <see cref="All"/>.</param>
    /// <param name="isShadow">It is one of the shadows.</param>
    /// <returns>Null if another trial has not ended on this node.</returns>
    public async Task<Trial?> RunAsync(RunnableClassifier classifier, bool isShadow)
    {
        if (Interlocked.Exchange(ref isBusy, true)) return null;
        var (at, log, begun) = (time.GetUtcNow(), new RunLog(node: null, time), 0L);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        stop.CancelAfter(Limit);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var ended = ending.Token; // Read it now: the classification disposes the source, perhaps at once.
        IReadOnlyDictionary<string, long>? objects = null;
        TaskFailure? failure = null;
        string? late = null;
        try
        {
            objects = CountsOf(await classifier.EndingSoonAfterAsync(ClassifyAsync(classifier, log, () => begun = time.GetTimestamp(), ending), ended, stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            late = begun == 0 ? $"The classifier {classifier.Name} was not free and ready within {Limit.TotalSeconds:0} s, the limit of a trial." : $"The classifier {classifier.Name} did not end within {Limit.TotalSeconds:0} s, the limit of a trial.";
        }
        catch (Exception e)
        {
            failure = TaskFailure.Of(e);
        }
        return last[(classifier.Name, isShadow)] = new Trial(at, begun == 0 ? 0 : time.GetElapsedTime(begun).TotalSeconds, objects, late ?? failure?.Message, failure?.Cause, log.ToString());
    }

    /// <param name="classifier">The classifier.</param>
    /// <param name="log">Receives what it writes.</param>
    /// <param name="begins">Called when it begins.</param>
    /// <param name="ending">Owned by this method, because a classifier may run on after the trial: until it returns, it keeps its place, and no other trial begins.</param>
    async Task<byte[]> ClassifyAsync(RunnableClassifier classifier, RunLog log, Action begins, CancellationTokenSource ending)
    {
        using var own = ending;
        var file = data.File("work", $"trial-{Guid.NewGuid():n}.svs");
        try
        {
            using var place = await PlaceAsync(classifier, ending.Token);
            await classifier.WarmUpAsync(ending.Token);
            await SyntheticTissue.Create(Width, Height).WriteAsync(file, cancellationToken: ending.Token);
            await using var scan = new Scan(ScanId, stain: null, token => Slide.OpenAsync(file, SlideSettings.Apply(new SlideOptions(), classifier.Settings), token), _ => Task.FromResult(file));
            var task = new ClassificationTask { TaskId = 1, Scans = [scan], Settings = classifier.Settings };
            begins();
            var results = await classifier.ClassifyAsync(task, new ClassifierContext(new Progress<ScanProgress>(), log), ending);
            return ResultsValidator.SerializeValid(results, [ScanId]);
        }
        finally
        {
            File.Delete(file);
            Volatile.Write(ref isBusy, false);
        }
    }

    async Task<IDisposable> PlaceAsync(RunnableClassifier classifier, CancellationToken cancellationToken)
    {
        var held = await classifier.EnterAsync(cancellationToken);
        try
        {
            return await slots.ClassifyAsync(held, cancellationToken);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    static Dictionary<string, long> CountsOf(byte[] json)
    {
        var counter = new Counter();
        new ResultObjects(counter).Read(json, ScanId);
        return counter.Classes.Names.Zip(counter.Classes.Counts).ToDictionary(each => each.First, each => each.Second);
    }

    sealed class Counter : IObjectReceiver
    {
        public ClassNames Classes { get; } = new();

        public void Receive(in FoundObject found) => Classes.NumberOf(found.ClassName);
    }
}
