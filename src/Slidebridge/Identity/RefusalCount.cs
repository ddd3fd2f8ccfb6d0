using System.Numerics;

namespace Slidebridge.Identity;

/// <summary>Chooses which refused calls get a line in the audit log.</summary>
sealed class RefusalCount(TimeProvider time)
{
    /// <summary>Lines a minute for all callers together.</summary>
    const int MostLines = 120;

    /// <summary>Kinds of calls that are counted separately.</summary>
    const int MostKinds = 10_000;

    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly Lock access = new();
    readonly Dictionary<string, long> counts = [];
    long began, unlisted;
    int lines;

    /// <summary>Counts a call.</summary>
    /// <param name="kind">What makes calls alike.</param>
    /// <returns>Null: no line. Else how many calls were alike so far, and how many others got no line because there were too many.</returns>
    public (long Same, long Others)? Next(string kind)
    {
        lock (access)
        {
            if (counts.Count >= MostKinds) counts.Clear();
            var same = counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (!BitOperations.IsPow2(same)) return null;
            if (began == 0 || time.GetElapsedTime(began) >= Window) (began, lines) = (time.GetTimestamp(), 0);
            if (++lines > MostLines)
            {
                unlisted++;
                return null;
            }
            var others = unlisted;
            unlisted = 0;
            return (same, others);
        }
    }
}
