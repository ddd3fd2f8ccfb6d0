using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Tasks;

/// <summary>How a run takes its task, on a real SQLite file.</summary>
public sealed class TakeTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Loses the answer of one commit: it is on disk, and nobody is told.</summary>
    sealed class LostAnswer : DbTransactionInterceptor
    {
        public bool IsNext { get; set; }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (!IsNext) return Task.CompletedTask;
            IsNext = false;
            throw new IOException("the connection broke");
        }
    }

    sealed class Databases(DbContextOptions<SqliteTaskDatabase> options) : IDbContextFactory<TaskDatabase>
    {
        public TaskDatabase CreateDbContext() => new SqliteTaskDatabase(options);
    }

    static async Task<Databases> PrepareAsync(TemporaryFolder folder, params IInterceptor[] interceptors)
    {
        var databases = new Databases(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={folder.File("tasks.db")};Pooling=False").AddInterceptors(interceptors).Options);
        await TaskStorage.PrepareAsync(databases, Token);
        return databases;
    }

    /// <summary>With one task of one scan, which may be taken.</summary>
    static async Task<TaskStore> StoreAsync(Databases databases, CommitQueue commits)
    {
        await commits.CommitAsync(database =>
        {
            database.Tasks.Add(new BridgeTask { Number = 1, PlatformId = "1", VerifiedAt = DateTimeOffset.UtcNow, ClaimedAt = DateTimeOffset.UtcNow, Scans = [new TaskScan { ScanId = "5" }] });
            return Task.FromResult(true);
        });
        return new TaskStore(databases, commits, TestVault.Create(), new TaskSignal(TimeProvider.System), NodeOptions.Observer, TimeProvider.System);
    }

    [Fact]
    public async Task A_take_whose_commit_had_no_answer_is_one_run_and_no_crash()
    {
        using var folder = new TemporaryFolder();
        var lost = new LostAnswer();
        var databases = await PrepareAsync(folder, lost);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);

        lost.IsNext = true;
        var task = await store.AcquireAsync(1, "boxes");
        Assert.False(lost.IsNext);
        Assert.Equal((TaskState.Running, 1, 1, 0), (task!.State, task.FencingToken, task.Attempts, task.Crashes));
        Assert.Equal(task.FencingToken, (await store.FindAsync(1, Token))!.FencingToken);
    }

    [Fact]
    public async Task A_run_that_did_not_end_is_a_crash_and_the_tasks_own_fault_only_if_it_was_alone()
    {
        using var folder = new TemporaryFolder();
        var databases = await PrepareAsync(folder);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);
        Assert.Equal((0, 0, false), Of(await store.AcquireAsync(1, "boxes")));
        Assert.Equal((1, 0, true), Of(await store.AcquireAsync(1, "boxes", isAlone: true)));
        Assert.Equal((2, 1, false), Of(await store.AcquireAsync(1, "boxes")));

        // A run that ends in any other way is no crash.
        var lease = new TaskLease((await store.AcquireAsync(1, "boxes", isAlone: true))!, 0, Token, Token);
        await store.ReleaseAsync(lease, "released");
        Assert.Equal((3, 1, false), Of(await store.FindAsync(1, Token)));

        static (int, int, bool) Of(BridgeTask? task) => (task!.Crashes, task.LoneCrashes, task.IsAlone);
    }

    [Fact]
    public async Task After_a_crash_a_task_may_wait_before_its_next_run()
    {
        using var folder = new TemporaryFolder();
        var databases = await PrepareAsync(folder);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);
        await store.AcquireAsync(1, "boxes", isAlone: true);
        var before = DateTimeOffset.UtcNow;
        Assert.Null(await store.AcquireAsync(1, "boxes", waitAfterCrash: TimeSpan.FromMinutes(2)));

        var task = (await store.FindAsync(1, Token))!;
        Assert.Equal((TaskState.Accepted, 1, 1, false, 1), (task.State, task.Crashes, task.LoneCrashes, task.IsAlone, task.Attempts));
        Assert.Null(task.ClaimedAt);
        Assert.InRange(task.NotBefore!.Value, before.AddMinutes(2), DateTimeOffset.UtcNow.AddMinutes(2));
    }

    [Fact]
    public async Task A_scan_that_an_earlier_version_stored_has_no_warnings_and_takes_some()
    {
        using var folder = new TemporaryFolder();
        var databases = await PrepareAsync(folder);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);
        var earlier = """[{"ScanId":"5","StainValue":null}]""";
        await using (var database = databases.CreateDbContext()) await database.Database.ExecuteSqlAsync($"UPDATE tasks SET Scans = {earlier}", Token);

        Assert.Empty((await store.FindAsync(1, Token))!.Scans[0].Warnings);
        var taken = (await store.AcquireAsync(1, "boxes"))!;
        await store.KeepWarningsAsync(new TaskLease(taken, 0, Token, Token), [("5", new SlideWarning("orientation", "It asks to be turned."))]);
        Assert.Equal("orientation", Assert.Single((await store.FindAsync(1, Token))!.Scans[0].Warnings).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // A post was begun once: the webhook leaves such a task in its state.
    public async Task A_post_is_not_begun_where_a_webhook_has_given_the_task_other_slides_since_the_run_acquired_it(bool wasPosted)
    {
        using var folder = new TemporaryFolder();
        var databases = await PrepareAsync(folder);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);
        using var runs = new RunningTasks(TimeProvider.System);
        using var run = runs.Begin((await store.AcquireAsync(1, "boxes"))!, Token);
        await store.SaveResultAsync(run.Lease, new ClassifiedResult("{}"u8.ToArray(), "{}"u8.ToArray()), "result saved", new TaskChanges());
        if (wasPosted) Assert.True(await store.BeginPostAsync(run.Lease));

        await using (var database = databases.CreateDbContext()) await database.Tasks.ExecuteUpdateAsync(set => set.SetProperty(t => t.Objects, "others"), Token);
        Assert.False(await store.BeginPostAsync(run.Lease));
        var row = (await store.FindAsync(1, Token))!;
        Assert.Equal((TaskState.Accepted, false, wasPosted ? 1 : 0), (row.State, row.HasResult, row.Posts));
        Assert.Null(await store.FindResultAsync(1, Token));
    }

    [Fact]
    public async Task A_run_that_was_overtaken_is_told_to_stop_and_a_later_one_of_the_same_task_goes_on()
    {
        using var folder = new TemporaryFolder();
        var databases = await PrepareAsync(folder);
        await using var commits = new CommitQueue(databases);
        var store = await StoreAsync(databases, commits);

        using var runs = new RunningTasks(TimeProvider.System);
        using var early = runs.Begin((await store.AcquireAsync(1, "boxes"))!, Token);
        using var late = runs.Begin((await store.AcquireAsync(1, "boxes"))!, Token);
        foreach (var run in await store.MovedOnAsync(runs.Leases, Token)) runs.Stop(run);
        Assert.Equal((true, false), (early.IsCalledOff, late.IsCalledOff));
    }
}
