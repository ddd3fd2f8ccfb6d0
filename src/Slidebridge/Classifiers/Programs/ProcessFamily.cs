using System.Diagnostics;
using System.Globalization;
using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A process with its descendants, and the processes in its group.</summary>
static class ProcessFamily
{
    /// <summary>The fields of each of these processes, as <see cref="ProcessTable.Read()"/> returns them.</summary>
    /// <param name="root">The process; it is included unless it has ended.</param>
    public static IReadOnlyDictionary<int, string[]> Of(Process root)
    {
        var all = ProcessTable.Read();
        return all.Where(process => IsBelow(process.Key, root.Id, all)).ToDictionary();
    }

    static bool IsBelow(int id, int root, IReadOnlyDictionary<int, string[]> all)
    {
        for (var steps = 0; steps < 64; steps++)
        {
            if (id == root) return true;
            if (!all.TryGetValue(id, out var stat)) return false;
            id = int.Parse(stat[2], CultureInfo.InvariantCulture) == root ? root : ProcessTable.ParentOf(stat);
        }
        return false;
    }
}
