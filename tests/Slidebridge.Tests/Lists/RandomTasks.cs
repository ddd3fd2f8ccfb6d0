using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Tests.Lists;

/// <summary>Random tasks, and random changes of them by every way that the bridge has.</summary>
/// <param name="world">The database.</param>
/// <param name="seed">Makes the same choices again.</param>
/// <param name="start">Tasks get numbers from here on.</param>
sealed class RandomTasks(ListWorld world, int seed, long start = 1)
{
    public static readonly string?[] Companies = ["a", "b", "c", null], Models = ["m1", "m2", null], Classifiers = ["boxes", "python:/srv/x.py", "python:/other/x.py --secret", null], Stains = ["HE", "Ki-67", "PAS", null];

    readonly Random random = new(seed);
    readonly DateTimeOffset now = DateTimeOffset.UtcNow;
    readonly long first = start;
    long next = start;

    public async Task ChangeAsync(int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            var (choice, number) = (random.Next(20), first + random.NextInt64(Math.Max(1, next - first)));
            if (choice < 7) await AddAsync(random.Next(1, 6));
            else if (choice < 17) await world.Commits.CommitAsync(async database => await database.FindTaskAsync(number) is { } task && Step(task));
            else if (choice == 17) await world.Commits.CommitAsync(async database => await database.FindTaskAsync(number) is { } task && database.Remove(task) is not null);
            else if (choice == 18) await DirectlyAsync(database => database.Tasks.Where(t => t.Number == number && t.VerifiedAt == null).ExecuteUpdateAsync(set => set.SetProperty(t => t.VerifiedAt, now)));
            else await world.Fold.FoldAsync();
        }
    }

    /// <summary>As a node of an earlier version does it, past this one's code.</summary>
    async Task DirectlyAsync(Func<TaskDatabase, Task> change)
    {
        await using var database = await world.Databases.CreateDbContextAsync();
        await change(database);
    }

    Task<bool> AddAsync(int count)
    {
        var tasks = Enumerable.Range(0, count).Select(_ => Make()).ToList();
        return world.ChangeAsync(database => database.Tasks.AddRange(tasks));
    }

    BridgeTask Make()
    {
        // Whole seconds of few minutes: many tasks are accepted at the same moment.
        var accepted = now.AddMinutes(-random.Next(60 * 24 * 40)).AddSeconds(-random.Next(3));
        if (random.Next(3) == 0) accepted = now.AddSeconds(-random.Next(5));
        return new BridgeTask
        {
            Number = next++,
            PlatformId = "x",
            CaseNumber = random.Next(4) == 0 ? null : random.Next(1000, 1040),
            CompanyId = Any(Companies),
            Model = Any(Models),
            Classifier = Any(Classifiers),
            Group = random.Next(3) == 0 ? "gpu" : "default",
            AcceptedAt = accepted,
            UpdatedAt = accepted,
            VerifiedAt = random.Next(5) == 0 ? null : accepted,
            Scans = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new TaskScan { ScanId = random.Next(8) == 0 ? "s-" + random.Next(9) : $"{random.Next(500, 560)}", StainValue = Any(Stains) })],
        };
    }

    /// <summary>A step to a state that may follow.</summary>
    bool Step(BridgeTask task)
    {
        var to = TaskStates.Transitions[task.State].Order().ElementAt(random.Next(TaskStates.Transitions[task.State].Count));
        var at = task.UpdatedAt.AddSeconds(random.Next(7000) / 10.0);
        (task.State, task.UpdatedAt, task.Node) = (to, at, "node-" + random.Next(3));
        if (to.IsEnded()) task.EndedAt ??= at;
        if (to is TaskState.Failed) task.PlainError = "cause " + random.Next(2);
        if (to is TaskState.Running) (task.PixelsRead, task.ClassifierSeconds) = (task.PixelsRead + random.Next(1_000_000), task.ClassifierSeconds + random.NextDouble());
        task.Events.Add(new TaskEvent { At = at, State = to, What = "a step" });
        return true;
    }

    T Any<T>(T[] values) => values[random.Next(values.Length)];
}
