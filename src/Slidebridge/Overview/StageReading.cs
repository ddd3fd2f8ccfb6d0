using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Usage;

namespace Slidebridge.Overview;

/// <summary>How long stages took, from the events of tasks.</summary>
static class StageReading
{
    /// <param name="database">The database.</param>
    /// <param name="numbers">Completed tasks.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<StageTimes> ReadAsync(TaskDatabase database, long[] numbers, CancellationToken cancellationToken)
    {
        var (waiting, classifying, delivering) = (new List<float>(), new List<float>(), new List<float>());
        if (numbers.Length > 0)
        {
            var accepted = await database.Tasks.Where(t => EF.Parameter(numbers).Contains(t.Number)).Select(t => new { t.Number, t.AcceptedAt }).ToDictionaryAsync(t => t.Number, t => t.AcceptedAt, cancellationToken);
            var events = await database.Set<TaskEvent>().Where(e => EF.Parameter(numbers).Contains(e.TaskNumber)).Select(e => new { e.TaskNumber, e.Id, e.At, e.State }).ToListAsync(cancellationToken);
            foreach (var task in events.GroupBy(e => e.TaskNumber))
                Add(accepted[task.Key], [.. task.OrderBy(e => e.Id).Select(e => (e.State, e.At))]);
        }
        return new StageTimes(numbers.Length, Time(waiting), Time(classifying), Time(delivering));

        void Add(DateTimeOffset acceptedAt, List<(TaskState State, DateTimeOffset At)> steps)
        {
            var (first, last) = (steps.FindIndex(step => step.State is TaskState.Running), steps.FindLastIndex(step => step.State is TaskState.Running));
            if (first < 0) return;
            waiting.Add(Seconds(acceptedAt, steps[first].At));
            // A running task has further events, such as warnings: the last run began with the first event of the last row of them.
            var result = steps.FindIndex(last, step => step.State is TaskState.Held or TaskState.Classified);
            var (deliverable, completed) = (steps.FindIndex(last, step => step.State is TaskState.Classified), steps.FindIndex(last, step => step.State is TaskState.Completed));
            var began = steps.FindLastIndex(last, step => step.State is not TaskState.Running) + 1;
            if (result > 0) classifying.Add(Seconds(steps[began].At, steps[result].At));
            if (deliverable > 0 && completed > deliverable) delivering.Add(Seconds(steps[deliverable].At, steps[completed].At));
        }
    }

    static StageTime Time(List<float> seconds)
    {
        var (median, p95) = Percentiles.MedianAndP95(CollectionsMarshal.AsSpan(seconds));
        return new StageTime(median, p95);
    }

    static float Seconds(DateTimeOffset from, DateTimeOffset to) => (float)Math.Max(0, (to - from).TotalSeconds);
}
