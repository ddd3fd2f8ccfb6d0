using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Scheduling;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Tasks;

/// <summary>Which tasks a node takes in hand, from a real SQLite file.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder folder = new();
    ServiceProvider services = null!;

    public async ValueTask InitializeAsync()
    {
        var data = new DataDirectory(folder.File("data"));
        services = new ServiceCollection().AddSingleton(_ => data).AddTaskStorage(new DatabaseOptions(Postgres: null), data).AddSingleton<CommitQueue>().BuildServiceProvider();
        _ = services.GetRequiredService<DataDirectory>();
        await TaskStorage.PrepareAsync(services.GetRequiredService<IDbContextFactory<TaskDatabase>>(), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    static NodeOptions Node(int? companyLimit = null, params string[] serves) => NodeOptions.Observer with { CompanyLimit = companyLimit, Serves = serves };

    /// <summary>A node with <paramref name="places"/> places: the slots, and those whose slides are opened ahead.</summary>
    TaskAdmission Admission(int places, NodeOptions? node = null) =>
        new(services.GetRequiredService<CommitQueue>(), node ?? Node(), new ClassifierOptions("boxes", places, isClusterWide: true), TimeProvider.System);

    Task<bool> WaitAsync(params (long Number, string Company, int Minutes)[] tasks) => ChangeAsync(database =>
    {
        foreach (var (number, company, minutes) in tasks)
            database.Tasks.Add(new BridgeTask { Number = number, PlatformId = $"{number}", CompanyId = company, VerifiedAt = Start, AcceptedAt = Start, Turn = Start.AddMinutes(minutes) });
    });

    Task<bool> ChangeAsync(Action<TaskDatabase> change) => services.GetRequiredService<CommitQueue>().CommitAsync(database =>
    {
        change(database);
        return Task.FromResult(true);
    });

    static async Task<long[]> AdmitAsync(TaskAdmission admission) =>
        [.. (await admission.ClaimAsync()).Select(t => t.Number)];

    static async Task AssertAdmitsAsync(TaskAdmission admission, params long[] numbers) => Assert.Equal(numbers, await AdmitAsync(admission));

    [Fact]
    public async Task The_task_whose_URLs_expire_first_goes_first()
    {
        await WaitAsync((1, "a", 30), (2, "a", 10), (3, "a", 20));
        await AssertAdmitsAsync(Admission(2), 2, 3);
    }

    [Fact]
    public async Task A_node_takes_no_more_than_it_has_places_for()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2), (3, "a", 3));
        var admission = Admission(2);
        await AssertAdmitsAsync(admission, 1, 2);
        await AssertAdmitsAsync(admission);
        await ChangeAsync(database => database.Tasks.Find(1L)!.State = TaskState.Classified);
        await AssertAdmitsAsync(admission, 3);
    }

    [Fact]
    public async Task A_company_with_a_thousand_older_tasks_does_not_keep_another_waiting()
    {
        await WaitAsync([.. Enumerable.Range(1, 1000).Select(i => ((long)i, "large", 0))]);
        await WaitAsync((5000, "small", 60), (5001, "small", 60));
        Assert.Equal(2, (await AdmitAsync(Admission(4))).Count(n => n >= 5000));
    }

    [Fact]
    public async Task No_company_passes_its_limit_though_places_are_free()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2), (3, "a", 3), (4, "b", 4));
        await AssertAdmitsAsync(Admission(10, Node(companyLimit: 2)), 1, 4, 2);
    }

    [Fact]
    public async Task A_task_that_waits_for_its_next_try_is_left_until_then()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2));
        await ChangeAsync(database => database.Tasks.Find(1L)!.NotBefore = DateTimeOffset.UtcNow.AddHours(1));
        await AssertAdmitsAsync(Admission(10), 2);
    }

    [Fact]
    public async Task A_node_takes_only_tasks_of_the_groups_it_serves()
    {
        await WaitAsync((1, "a", 1));
        await ChangeAsync(database => database.Tasks.Add(new BridgeTask { Number = 2, PlatformId = "2", VerifiedAt = Start, Group = "gpu" }));
        await AssertAdmitsAsync(Admission(10, Node(serves: "gpu")), 2);
    }

    [Fact]
    public async Task What_is_to_be_delivered_is_taken_by_any_node_though_its_places_are_full()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2));
        var admission = Admission(1);
        await AdmitAsync(admission);
        await ChangeAsync(database => database.Tasks.Add(new BridgeTask { Number = 3, PlatformId = "3", State = TaskState.Delivering }));
        await AssertAdmitsAsync(admission, 3);
    }

    [Fact]
    public async Task A_classifier_that_takes_one_task_at_a_time_leaves_places_to_the_others()
    {
        var options = new ClassifierOptions([], [new ClassifierRoute("exec:slow") { Models = ["slow"] }, new ClassifierRoute("boxes")], Concurrency: 2);
        var admission = new TaskAdmission(services.GetRequiredService<CommitQueue>(), Node(), options, TimeProvider.System);
        await ChangeAsync(database =>
        {
            for (var i = 1; i <= 100; i++) database.Tasks.Add(new BridgeTask { Number = i, PlatformId = $"{i}", VerifiedAt = Start, Classifier = i <= 50 ? "exec:slow" : "boxes", Turn = Start.AddMinutes(i) });
        });
        // One that it works on, and half of the eight that are opened ahead.
        await AssertAdmitsAsync(admission, 1, 2, 3, 4, 5, 51, 52, 53, 54, 55);
        await ChangeAsync(database => database.Tasks.Find(51L)!.State = TaskState.Classified);
        await AssertAdmitsAsync(admission, 56);
        await AssertAdmitsAsync(admission);
        await ChangeAsync(database => database.Tasks.Find(1L)!.State = TaskState.Classified);
        await AssertAdmitsAsync(admission, 6);
        await AssertAdmitsAsync(admission);
    }

    [Fact]
    public async Task A_classifier_that_takes_one_quick_task_after_the_other_leaves_places_to_the_others()
    {
        var options = new ClassifierOptions([], [new ClassifierRoute("exec:quick") { Models = ["quick"] }, new ClassifierRoute("boxes")], Concurrency: 2);
        var admission = new TaskAdmission(services.GetRequiredService<CommitQueue>(), Node(), options, TimeProvider.System);
        await ChangeAsync(database =>
        {
            for (var i = 1; i <= 100; i++) database.Tasks.Add(new BridgeTask { Number = i, PlatformId = $"{i}", CompanyId = $"{(i <= 50 ? i : 1)}", VerifiedAt = Start, Classifier = i <= 50 ? "exec:quick" : "boxes", Turn = Start.AddMinutes(i) });
        });
        // At no look is it full.
        await AssertAdmitsAsync(admission, 1, 2, 3, 4, 5, 51, 52, 53, 54, 55);
        await ChangeAsync(database => (database.Tasks.Find(1L)!.State, database.Tasks.Find(51L)!.State) = (TaskState.Classified, TaskState.Classified));
        await AssertAdmitsAsync(admission, 6, 56);
    }

    [Fact]
    public async Task A_concurrency_for_the_whole_cluster_holds_for_all_nodes_together()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2), (3, "a", 3));
        await AssertAdmitsAsync(Admission(2, Node() with { Name = "one" }), 1, 2);
        await AssertAdmitsAsync(Admission(2, Node() with { Name = "two" }));
    }

    [Fact]
    public async Task A_task_with_a_copy_elsewhere_is_left_to_it_only_once_its_URLs_have_expired()
    {
        await WaitAsync((1, "a", 1), (2, "a", 2), (3, "a", 3));
        var now = DateTimeOffset.UtcNow;
        await ChangeAsync(database =>
        {
            foreach (var task in database.Tasks) (task.StagedOn, task.ExpiresAt) = ("elsewhere", task.Number switch { 1 => now.AddMinutes(-1), 2 => now.AddMinutes(1), _ => null });
        });
        await AssertAdmitsAsync(Admission(3), 2, 3);
    }
}
