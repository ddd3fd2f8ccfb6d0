namespace Slidebridge.Simulator.Platform;

/// <summary>One scan of a simulated case.</summary>
/// <param name="Id">The scan's id, decimal digits.</param>
/// <param name="Slide">The slide's path in the slides' folder.</param>
public sealed record SimulatedScan(string Id, string Slide);

/// <summary>A case of the simulator: the data that its tasks share.</summary>
public sealed class SimulatedCase(long number)
{
    readonly List<SimulatedScan> scans = [];

    /// <summary>The case's number.</summary>
    public long Number => number;

    /// <summary>Its scans, in the order in which they came.</summary>
    public IReadOnlyList<SimulatedScan> Scans
    {
        get
        {
            lock (scans) return [.. scans];
        }
    }

    /// <summary>The current triage.</summary>
    public (string? Category, double? Score) Triage { get; internal set; }

    /// <summary>The case's scans of these slides, one for each; a missing scan is added.</summary>
    internal SimulatedScan[] ScansOf(IEnumerable<string> slides, Func<string> nextScan)
    {
        lock (scans)
        {
            var left = scans.ToList();
            return [.. slides.Select(slide =>
            {
                if (left.Find(s => s.Slide == slide) is { } known)
                {
                    left.Remove(known);
                    return known;
                }
                var scan = new SimulatedScan(nextScan(), slide);
                scans.Add(scan);
                return scan;
            })];
        }
    }
}
