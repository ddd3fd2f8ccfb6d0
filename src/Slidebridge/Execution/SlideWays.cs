using System.Collections.Concurrent;

namespace Slidebridge.Execution;

/// <summary>How the bytes of each scan of a task came to the bridge and to its classifier, if not by ranges alone.</summary>
/// <param name="isCopied">Whether the objects of a scan were copied to the staging directory, for this task or another.</param>
sealed class SlideWays(Func<string, bool> isCopied)
{
    readonly ConcurrentDictionary<string, byte> staged = [], given = [];

    /// <summary>The slide is read from copies in the staging directory.</summary>
    public void Stage(string scanId) => staged[scanId] = 0;

    /// <summary>The classifier asked for the whole slide as a file.</summary>
    public void GiveWhole(string scanId) => given[scanId] = 0;

    public bool IsStaged(string scanId) => staged.ContainsKey(scanId) || isCopied(scanId);

    public bool IsGivenWhole(string scanId) => given.ContainsKey(scanId);
}
