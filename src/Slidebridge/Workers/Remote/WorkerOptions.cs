using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Security;

namespace Slidebridge.Workers.Remote;

/// <summary>How a worker works: <c>slidebridge work</c>.</summary>
/// <param name="Name">The worker's name, unique among those at work.</param>
/// <param name="Groups">The execution groups whose tasks it takes; empty: all that its token allows.</param>
/// <param name="Classifiers">Its classifiers.</param>
/// <param name="Data">Its directory: results that the bridge has not taken yet, and files of running tasks.</param>
/// <param name="Ahead">Tasks whose slides are opened while others are classified.</param>
/// <param name="UntilIdle">It ends after this time without work; null: it does not.</param>
/// <param name="Tasks">It ends after this many tasks; null: it does not.</param>
/// <param name="Patience">How long it waits for a bridge that cannot be reached.</param>
/// <param name="Drain">How long running tasks may continue after the signal to stop.</param>
/// <param name="Outbound">The hosts that slides may come from.</param>
/// <param name="Opening">How long slides may take to open.</param>
/// <param name="Gpu">The machine's GPUs; null: none is known.</param>
/// <param name="KeepsResults">Results are written to the directory until the bridge has taken them: the next start has the same one.</param>
/// <param name="Notice">A file or URL that appears when the machine is about to be taken away; null: none.</param>
sealed record WorkerOptions(
    string Name, IReadOnlyList<string> Groups, ClassifierOptions Classifiers, string Data, int Ahead, TimeSpan? UntilIdle, int? Tasks, TimeSpan Patience, TimeSpan Drain, OutboundOptions Outbound, OpeningOptions Opening, string? Gpu, bool KeepsResults = true, string? Notice = null)
{
    /// <summary>Different for each start of the process.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The worker, as it describes itself to the bridge.</summary>
    public WorkerDescription Description => new(
        Name, Instance, WorkProtocol.Version, Provenance.BridgeProvenance.Own.Version, Groups,
        [.. Classifiers.Routes.Select(r => r.Classifier).Concat(Classifiers.Defined.Select(d => d.Name)).Distinct()], Environment.MachineName, Gpu);
}
