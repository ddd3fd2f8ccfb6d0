using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Lists;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Overview;

/// <summary>Reads a <see cref="BridgeOverview"/>.</summary>
sealed class OverviewQuery(TaskLists lists, TimeProvider time)
{
    /// <summary>Hours that are looked at.</summary>
    public const int Hours = 24;

    /// <summary>Maximum completed tasks whose stages are measured, because their events must be read.</summary>
    public const int MostTimed = 1000;

    /// <summary>Maximum failed tasks whose causes are read; the newest.</summary>
    const int MostFailed = 5000;

    static readonly TaskColumn[] Columns = [TaskColumn.State, TaskColumn.Number, TaskColumn.Accepted, TaskColumn.Ended, TaskColumn.Changed, TaskColumn.Verified, TaskColumn.Group, TaskColumn.Classifier, TaskColumn.Seconds];

    /// <summary>What is counted while the tasks are read.</summary>
    sealed class Reading
    {
        public int[] States { get; } = new int[Enum.GetValues<TaskState>().Length];

        public int Unverified { get; set; }

        /// <summary>The ended tasks by hour and state.</summary>
        public int[,] Ended { get; } = new int[Hours, Enum.GetValues<TaskState>().Length];

        /// <summary>The number of a task, and UTC ticks of its last end.</summary>
        public List<(long Number, long At)> Failed { get; } = [];

        public List<(long Number, long At)> Completed { get; } = [];

        public TaskKey? Oldest { get; set; }

        public Dictionary<(long Group, long Classifier), Load> Loads { get; } = [];
    }

    /// <summary>What one classifier of one group does.</summary>
    sealed class Load
    {
        public int Running, Waiting;
        public double SecondsOfHour, SecondsOfDay;
        public long Since = long.MaxValue;
    }

    /// <param name="companies">The companies that the caller may see; null or empty: all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<BridgeOverview> ReadAsync(IReadOnlyList<string>? companies, CancellationToken cancellationToken)
    {
        await using var snapshot = await lists.OpenAsync(cancellationToken);
        var now = time.GetUtcNow();
        var reading = new Reading();
        var unfinished = await UnfinishedAsync(snapshot, cancellationToken);
        var match = new TaskMatch(new TaskFilter { Companies = companies }, snapshot.Texts);
        await foreach (var (rows, matching) in TaskLists.MatchingAsync(snapshot, match, Columns, withStates: false, cancellationToken, block => unfinished.Contains(block) || block.LastChange >= now.AddHours(-Hours)))
            Count(reading, rows, matching, now);
        var hours = Enumerable.Range(0, Hours).Select(hour => new HourSum(now.AddHours(hour - Hours), reading.Ended[hour, (int)TaskState.Completed], reading.Ended[hour, (int)TaskState.Failed], reading.Ended[hour, (int)TaskState.Cancelled]));
        return new BridgeOverview(now, [.. hours], await FailuresAsync(snapshot.Database, reading.Failed, cancellationToken), WaitingOf(reading), LoadsOf(reading, snapshot.Texts),
            reading.States[(int)TaskState.Running], reading.States[(int)TaskState.Held], reading.States[(int)TaskState.Classified] + reading.States[(int)TaskState.Delivering], reading.Unverified,
            await StageReading.ReadAsync(snapshot.Database, [.. reading.Completed.OrderByDescending(each => each.At).Take(MostTimed).Select(each => each.Number)], cancellationToken));
    }

    /// <summary>The blocks with tasks that have not ended: nearly none of a large database.</summary>
    static async Task<HashSet<ColumnSnapshot.Block>> UnfinishedAsync(ColumnSnapshot snapshot, CancellationToken cancellationToken)
    {
        var unfinished = new HashSet<ColumnSnapshot.Block>();
        await foreach (var (block, rows) in snapshot.ReadAsync(snapshot.Blocks, [TaskColumn.State], cancellationToken))
            if (rows[TaskColumn.State].ContainsAnyExcept((long)TaskState.Completed, (long)TaskState.Failed, (long)TaskState.Cancelled)) unfinished.Add(block);
        return unfinished;
    }

    static void Count(Reading reading, TaskRows rows, bool[] matching, DateTimeOffset now)
    {
        var states = rows[TaskColumn.State];
        var verified = rows[TaskColumn.Verified];
        for (var row = 0; row < matching.Length; row++)
        {
            if (!matching[row]) continue;
            var state = (TaskState)states[row];
            if (verified[row] == 0)
            {
                if (!state.IsEnded()) reading.Unverified++;
                continue;
            }
            reading.States[(int)state]++;
            if (state is TaskState.Accepted) Wait(reading, rows, row);
            if (state is TaskState.Running) LoadOf(reading, rows, row).Running++;
            // The last hour also has what a node with a clock ahead of this one's has ended: the division rounds towards 0.
            if (!state.IsEnded() || (now.UtcTicks - EndOf(rows, row)) / TimeSpan.TicksPerHour is not (>= 0 and < Hours and var age)) continue;
            reading.Ended[Hours - 1 - (int)age, (int)state]++;
            var load = LoadOf(reading, rows, row);
            var seconds = BitConverter.Int64BitsToDouble(rows[TaskColumn.Seconds][row]);
            load.SecondsOfDay += seconds;
            if (age == 0) load.SecondsOfHour += seconds;
            if (state is TaskState.Failed) reading.Failed.Add((rows[TaskColumn.Number][row], EndOf(rows, row)));
            if (state is TaskState.Completed) reading.Completed.Add((rows[TaskColumn.Number][row], EndOf(rows, row)));
        }
    }

    /// <summary>UTC ticks of an ended task's last change.</summary>
    static long EndOf(TaskRows rows, int row) => rows[TaskColumn.Accepted][row] + (rows[TaskColumn.Ended][row] is TaskColumns.NotEnded ? 0 : rows[TaskColumn.Ended][row]) + rows[TaskColumn.Changed][row];

    static void Wait(Reading reading, TaskRows rows, int row)
    {
        var key = rows.KeyAt(row);
        if (reading.Oldest is not { } oldest || key < oldest) reading.Oldest = key;
        var load = LoadOf(reading, rows, row);
        load.Waiting++;
        load.Since = Math.Min(load.Since, key.Accepted);
    }

    static Load LoadOf(Reading reading, TaskRows rows, int row) =>
        CollectionsMarshal.GetValueRefOrAddDefault(reading.Loads, (rows[TaskColumn.Group][row], rows[TaskColumn.Classifier][row]), out _) ??= new Load();

    static WaitingSum WaitingOf(Reading reading) => new(reading.States[(int)TaskState.Accepted], reading.Oldest?.Number, reading.Oldest is { } oldest ? Moment(oldest.Accepted) : null);

    static IReadOnlyList<ClassifierLoad> LoadsOf(Reading reading, ColumnTexts texts) =>
    [
        .. reading.Loads.GroupBy(each => (Group: texts[each.Key.Group] ?? "", Classifier: ClassifierName.Of(texts[each.Key.Classifier])), each => each.Value)
            .Select(same => new ClassifierLoad(same.Key.Group, same.Key.Classifier, same.Sum(each => each.Running), same.Sum(each => each.SecondsOfHour) / 3600, same.Sum(each => each.SecondsOfDay) / (Hours * 3600),
                same.Sum(each => each.Waiting), same.Sum(each => each.Waiting) > 0 ? Moment(same.Min(each => each.Since)) : null))
            .OrderByDescending(load => load.Waiting).ThenByDescending(load => load.Running).ThenByDescending(load => load.BusyLastDay).ThenBy(load => load.Group, StringComparer.Ordinal).ThenBy(load => load.Classifier, StringComparer.Ordinal),
    ];

    static async Task<IReadOnlyList<FailureSum>> FailuresAsync(TaskDatabase database, List<(long Number, long At)> failed, CancellationToken cancellationToken)
    {
        var newest = failed.OrderByDescending(each => each.At).Take(MostFailed).ToList();
        if (newest.Count == 0) return [];
        var numbers = newest.Select(each => each.Number).ToArray();
        var causes = await database.Tasks.Where(t => EF.Parameter(numbers).Contains(t.Number)).Select(t => new { t.Number, t.PlainError }).ToDictionaryAsync(t => t.Number, t => t.PlainError, cancellationToken);
        return [.. newest.GroupBy(each => causes[each.Number]).Select(same => new FailureSum(same.Key, same.Count(), same.First().Number, Moment(same.First().At)))
            .OrderByDescending(sum => sum.Tasks).ThenByDescending(sum => sum.At)];
    }

    static DateTimeOffset Moment(long ticks) => new(ticks, TimeSpan.Zero);
}
