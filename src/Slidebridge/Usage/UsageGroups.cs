using System.Runtime.InteropServices;

namespace Slidebridge.Usage;

/// <summary>The sums of the tasks with the same keys, while the tasks are read. The seconds of all groups are in one list, because a group of a year by all keys has few tasks.</summary>
sealed class UsageGroups
{
    /// <summary>The sum of one group.</summary>
    public struct Totals
    {
        public int Tasks, Completed, Failed, Scans, CompletedScans;
        public long Pixels;
        public double ClassifierSeconds;

        /// <summary>Tasks with seconds.</summary>
        public int Timed;
    }

    readonly Dictionary<(int Period, int Company, int Model, int Classifier, int Group), int> numbers = [];
    readonly List<Totals> totals = [];
    readonly List<(int Group, float Seconds)> seconds = [];
    ((int, int, int, int, int) Key, int Number) last = (default, -1);

    /// <summary>The sum to which a task is added; valid until the next call.</summary>
    /// <param name="key">The period and the numbers of the texts.</param>
    /// <param name="number">The group's number.</param>
    public ref Totals Of((int Period, int Company, int Model, int Classifier, int Group) key, out int number)
    {
        // Tasks that follow each other often have the same keys.
        if (last.Number < 0 || key != last.Key)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var isThere);
            if (!isThere)
            {
                known = totals.Count;
                totals.Add(default);
            }
            last = (key, known);
        }
        number = last.Number;
        return ref CollectionsMarshal.AsSpan(totals)[number];
    }

    /// <summary>The seconds from a task's webhook to its result.</summary>
    public void AddSeconds(int number, float value)
    {
        seconds.Add((number, value));
        CollectionsMarshal.AsSpan(totals)[number].Timed++;
    }

    /// <summary>Each group with its key, its sum and its seconds, in any order.</summary>
    public IEnumerable<((int Period, int Company, int Model, int Classifier, int Group) Key, Totals Totals, ArraySegment<float> Seconds)> All()
    {
        var ends = new int[totals.Count];
        for (var (number, start) = (0, 0); number < ends.Length; number++) (ends[number], start) = (start, start + totals[number].Timed);
        var sorted = new float[seconds.Count];
        foreach (var (number, value) in seconds) sorted[ends[number]++] = value;
        foreach (var (key, number) in numbers)
            yield return (key, totals[number], new ArraySegment<float>(sorted, ends[number] - totals[number].Timed, totals[number].Timed));
    }
}
