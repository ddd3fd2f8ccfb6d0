using Slidebridge.Sdk;

namespace Slidebridge.Commands;

/// <summary>The values of <c>--stain</c>: a stain for all scans, or for one scan, as in <c>2=ki67</c>.</summary>
sealed class ScanStains
{
    readonly Dictionary<string, Stain> ofScan = [];
    readonly Stain? ofOthers;

    /// <exception cref="CommandException">A stain is empty, or given twice.</exception>
    public ScanStains(IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            var (scan, stain) = value.IndexOf('=', StringComparison.Ordinal) is >= 0 and var sign ? (value[..sign], value[(sign + 1)..]) : (null, value);
            if (stain.Length == 0 || (scan is not null && !scan.All(char.IsAsciiDigit))) throw new CommandException($"--stain: '{value}' is neither VALUE nor SCAN=VALUE.", 2);
            if (scan is null ? ofOthers is not null : !ofScan.TryAdd(scan, new Stain(stain))) throw new CommandException($"--stain is given twice for {(scan is null ? "all scans" : "scan " + scan)}.", 2);
            if (scan is null) ofOthers = new Stain(stain);
        }
    }

    /// <summary>The scan's stain, or null.</summary>
    public Stain? Of(string scanId) => ofScan.GetValueOrDefault(scanId, ofOthers!);

    /// <exception cref="CommandException">A stain is given for a scan that does not exist.</exception>
    public void CheckAll(IReadOnlyList<Scan> scans)
    {
        if (ofScan.Keys.FirstOrDefault(id => scans.All(s => s.Id != id)) is { } stranger)
            throw new CommandException($"--stain {stranger}=… names a scan that does not exist; there {(scans.Count == 1 ? "is only scan 1" : $"are scans 1 to {scans.Count}")}.", 2);
    }
}
