using Slidebridge.Staging;

namespace Slidebridge.Checks;

/// <summary>Checks the set-up of a running bridge's node, with its own classifiers, and keeps what was found last.</summary>
sealed class SetUpChecks(SetUpOptions options, IServiceProvider services, TimeProvider time)
{
    readonly SharedWork<SetUpCheck> looking = new();

    /// <summary>What was found last; null: this process has not looked yet.</summary>
    public SetUpCheck? Last { get; private set; }

    /// <summary>Looks again. Callers at the same time share one look.</summary>
    public Task<SetUpCheck> LookAsync(CancellationToken cancellationToken) => looking.RunAsync("", async stop =>
    {
        var findings = new List<Finding>();
        await foreach (var finding in new Doctor(options, services).CheckAsync(stop)) findings.Add(finding);
        return Last = new SetUpCheck(time.GetUtcNow(), findings);
    }, cancellationToken);
}
