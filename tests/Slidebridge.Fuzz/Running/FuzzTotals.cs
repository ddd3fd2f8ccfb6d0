namespace Slidebridge.Fuzz.Running;

/// <summary>What has come out so far. Guarded by itself.</summary>
sealed class FuzzTotals
{
    readonly Dictionary<string, (int Count, string Example)> findings = [];
    readonly Dictionary<string, (long Cases, long Opened)> seeds = [];

    public long Cases { get; private set; }
    public long Opened { get; private set; }
    public long Whole { get; private set; }
    public long Refused { get; private set; }
    public long Formats { get; private set; }
    public long Sources { get; private set; }
    public long Arguments { get; private set; }

    /// <summary>Cases that were slow or large once and not again.</summary>
    public long Passing { get; private set; }

    public (double Milliseconds, string Case) Slowest { get; private set; }
    public (long Bytes, string Case) Largest { get; private set; }
    public (long Bytes, string Case) Peak { get; private set; }

    public IReadOnlyDictionary<string, (int Count, string Example)> Findings => findings;

    public IReadOnlyDictionary<string, (long Cases, long Opened)> Seeds => seeds;

    public void Add(string seed, long number, CaseResult result)
    {
        Cases++;
        var opened = result.Outcome is CaseOutcome.Damaged or CaseOutcome.Read;
        if (opened) Opened++;
        if (result.Outcome == CaseOutcome.Read) Whole++;
        if (result.Outcome == CaseOutcome.Refused) Refused++;
        (Formats, Sources, Arguments) = (Formats + result.Formats, Sources + result.Sources, Arguments + result.Arguments);
        if (result.Milliseconds > Slowest.Milliseconds && result.Outcome != CaseOutcome.Finding) Slowest = (result.Milliseconds, $"--seed {seed} --case {number}");
        if (result.Allocated > Largest.Bytes) Largest = (result.Allocated, $"--seed {seed} --case {number}");
        if (result.Peak > Peak.Bytes) Peak = (result.Peak, $"--seed {seed} --case {number}");
        var (cases, open) = seeds.GetValueOrDefault(seed);
        seeds[seed] = (cases + 1, open + (opened ? 1 : 0));
    }

    public void Pass() => Passing++;

    /// <summary>Counts a finding with others of the same cause; true for the first few, which are worth saving.</summary>
    public bool Find(string seed, long number, string detail)
    {
        var cause = Cause(detail);
        var (count, example) = findings.GetValueOrDefault(cause);
        findings[cause] = (count + 1, example ?? $"--seed {seed} --case {number}\n{detail}");
        return count < 3;
    }

    // The exception and where it was thrown, without the step, the numbers and the lines.
    static string Cause(string detail)
    {
        var lines = detail.Split('\n').Select(line => line.Trim()).ToList();
        var frame = lines.Find(line => line.StartsWith("at Slidebridge.Slides.", StringComparison.Ordinal)) ?? "";
        var what = frame.Length > 0 && lines[0].Split(": ") is [_, var type, ..] ? type : lines[0];
        return $"{new string([.. what.Where(letter => !char.IsDigit(letter))])} {frame.Split(" in ")[0]}";
    }
}
