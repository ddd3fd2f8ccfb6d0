using Slidebridge.Provenance;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>What made a run's result, noted while it is made.</summary>
sealed class ProvenanceNotes(TimeProvider time)
{
    DateTimeOffset? from, to;

    /// <summary>The classifier, with the task's settings.</summary>
    public ClassifierProvenance? Classifier { get; set; }

    /// <summary>The slides, once the classifier has ended.</summary>
    public IReadOnlyList<SlideProvenance> Slides { get; private set; } = [];

    IReadOnlyList<ScanLedger> ledger = [];

    public void Begin() => from = time.GetUtcNow();

    public void End() => to = time.GetUtcNow();

    /// <summary>Describes the slides, which are about to be closed, and what was read of them.</summary>
    public async Task ReadAsync(OpenedTask opened) => (Slides, ledger) = await opened.DescribeAsync();

    /// <summary>The result with its record.</summary>
    /// <param name="task">The task.</param>
    /// <param name="worker">This node.</param>
    /// <param name="json">The result as the classifier made it.</param>
    /// <param name="isPosted">The record is also posted, as a part of the result.</param>
    public ClassifiedResult Finish(BridgeTask task, string worker, byte[] json, bool isPosted)
    {
        var record = new ResultProvenance
        {
            Bridge = BridgeProvenance.Own,
            Classifier = Classifier,
            Slides = Slides,
            Decoders = SlideDecoders.Versions,
            Worker = worker,
            Run = task.FencingToken,
            AcceptedAt = task.AcceptedAt,
            ClassifiedFrom = from,
            ClassifiedTo = to,
            Result = ResultHash.Of(json),
        };
        if (!isPosted) return new ClassifiedResult(json, record.ToJson(), ScanLedger.ToJson(ledger));
        var posted = PostedProvenance.AddTo(json, record);
        return new ClassifiedResult(posted, (record with { Posted = ResultHash.Of(posted) }).ToJson(), ScanLedger.ToJson(ledger));
    }
}
