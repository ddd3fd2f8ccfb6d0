using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Delivery;
using Slidebridge.Slides;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Tests.Delivery;

/// <summary>
/// The real <see cref="ResultDelivery"/>, <see cref="Settling"/> and <see cref="PostFence"/> on two nodes, over a store, a platform and a clock that move only when they are told to.
/// One task has a saved result; any node may acquire it at any time, for the engine may be wrong about who is dead. Each call of the store and of the platform stops before it
/// takes effect, and a scheduler says which one goes on: that is a node that is slow, or frozen. A node may die at any such moment. Time goes on between any two of them.
/// </summary>
/// <remarks>
/// What this cannot reach: a freeze between the fence's look at the clock and the last byte (docs/decisions/fencing.md says why that is small), what the network does to a byte
/// that has left, and what PostgreSQL does with two commits at the same moment, for each step here is one instant.
/// </remarks>
sealed class DeliveryWorld
{
    /// <summary>One tick of the clock; the settle time has four of them, and the platform is done with a post after one.</summary>
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(1), SettleTime = Tick * 4;

    const int MostRuns = 6, PlatformTicks = 1;

    readonly FakeTimeProvider clock = new();
    readonly Rules rules;
    readonly BridgeTask row;
    readonly List<Post> posts = [];
    readonly Node[] nodes;

    /// <param name="rules">What holds in this world; the protocol needs all of it.</param>
    public DeliveryWorld(Rules rules)
    {
        this.rules = rules;
        row = new BridgeTask { Number = 1, PlatformId = "1", State = TaskState.Classified, HasResult = true, DeliverUntil = clock.GetUtcNow().AddDays(1) };
        nodes = [new Node(this, "A"), new Node(this, "B")];
    }

    /// <param name="IsFenced">The store refuses the steps of a run that was overtaken.</param>
    /// <param name="Settles">There is a settle time at all.</param>
    /// <param name="ShowsResults">The platform shows what it has.</param>
    /// <param name="KeepsIntent">The row says that a post was begun.</param>
    public sealed record Rules(bool IsFenced = true, bool Settles = true, bool ShowsResults = true, bool KeepsIntent = true);

    enum PostState { Sending, Underway, Committed, Dropped }

    sealed class Post
    {
        public PostState State { get; set; }
        public int Age { get; set; }
    }

    public TaskState State => row.State;

    public int Evaluations => posts.Count(p => p.State is PostState.Committed);

    public int Runs => row.FencingToken;

    /// <summary>What must hold at every moment; null where it holds.</summary>
    public string? Broken =>
        Evaluations > 1 ? "two evaluations"
        : row.State is TaskState.Completed && Evaluations == 0 ? "completed without an evaluation"
        : row.State is TaskState.Classified && rules.KeepsIntent && posts.Any(p => p.State is PostState.Committed or PostState.Underway) ? "the row says that the result is certainly not there, and it is or may come to be"
        : null;

    /// <summary>Every step that may come next, with its name.</summary>
    public IReadOnlyList<(string Name, Action Go)> Steps()
    {
        var steps = new List<(string, Action)>();
        if (posts.All(p => p is not { State: PostState.Underway, Age: >= PlatformTicks })) steps.Add(("time goes on", Advance));
        foreach (var (post, i) in posts.Select((p, i) => (p, i)).Where(each => each.p.State is PostState.Underway))
        {
            steps.Add(($"the platform commits post {i + 1}", () => post.State = PostState.Committed));
            steps.Add(($"the platform drops post {i + 1}", () => post.State = PostState.Dropped));
        }
        foreach (var node in nodes) steps.AddRange(node.Steps());
        return [.. steps.Select(step => (step.Item1, (Action)(() => Run(step.Item2))))];
    }

    void Advance()
    {
        foreach (var post in posts.Where(p => p.State is PostState.Underway)) post.Age++;
        clock.Advance(Tick);
    }

    DeliveryOptions Options => new(TimeSpan.FromDays(1), rules.Settles ? SettleTime : TimeSpan.Zero, new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)));

    /// <summary>A bridge process: what it remembers dies with it.</summary>
    sealed class Node(DeliveryWorld world, string name)
    {
        Life life = new();
        Settling settling = new(world.Options, world.clock);
        Task run = Task.CompletedTask;

        public IEnumerable<(string, Action)> Steps()
        {
            if (run.IsCompleted && !world.row.State.IsEnded() && world.row.FencingToken < MostRuns) yield return ($"{name} acquires the task", Acquire);
            foreach (var (what, go) in life.Waiting.ToList()) yield return ($"{name}: {what}", go);
            if (!run.IsCompleted) yield return ($"{name} dies", Die);
        }

        void Acquire()
        {
            world.row.FencingToken++;
            var lease = new TaskLease(Copy(world.row), world.clock.GetTimestamp(), CancellationToken.None, CancellationToken.None);
            var delivery = new ResultDelivery(new Store(world, life), new Platform(world, life), settling, new FailureReports(world.Options), world.Options, world.clock, NullLogger<ResultDelivery>.Instance);
            run = RunAsync(delivery, lease);
        }

        static async Task RunAsync(ResultDelivery delivery, TaskLease lease)
        {
            try
            {
                await delivery.ResumeAsync(lease);
            }
            catch (TaskMovedOnException)
            {
                // Another run has it.
            }
        }

        void Die()
        {
            life = new Life();
            settling = new Settling(world.Options, world.clock);
            run = Task.CompletedTask;
        }
    }

    /// <summary>The calls of a process that wait for the scheduler. Those of a process that died wait for ever.</summary>
    sealed class Life
    {
        public List<(string What, Action Go)> Waiting { get; } = [];

        /// <summary>Waits until the scheduler chooses one of the ends of a call.</summary>
        public async Task<T> ChooseAsync<T>(params (string What, Func<bool> IsPossible, Func<T> End)[] ends)
        {
            var chosen = new TaskCompletionSource<Func<T>>();
            var mine = new List<(string, Action)>();
            foreach (var (what, isPossible, end) in ends)
            {
                mine.Add((what, () =>
                {
                    if (!isPossible()) return;
                    Waiting.RemoveAll(mine.Contains);
                    chosen.SetResult(end);
                }
                ));
            }
            Waiting.AddRange(mine);
            return (await chosen.Task)();
        }
    }

    sealed class Store(DeliveryWorld world, Life life) : IDeliveryStore
    {
        Task<bool> StepAsync(TaskLease lease, string what, Action<BridgeTask> step) => life.ChooseAsync((what, () => true, () =>
        {
            Check(lease);
            step(world.row);
            step(lease.Task);
            return true;
        }
        ));

        void Check(TaskLease lease)
        {
            var isOwn = world.row.FencingToken == lease.FencingToken && world.row.State == lease.Task.State;
            if (world.rules.IsFenced ? !isOwn : world.row.State.IsEnded()) throw new TaskMovedOnException(lease.Number, world.row, lease.FencingToken);
        }

        static void Move(BridgeTask task, TaskState to) => task.State = to;

        public Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken) => Task.FromResult<byte[]?>("{}"u8.ToArray());

        public async Task<bool> BeginPostAsync(TaskLease lease)
        {
            await StepAsync(lease, "records its intent", task =>
            {
                if (world.rules.KeepsIntent) Move(task, TaskState.Delivering);
                task.Posts++;
            });
            return true;
        }

        public Task VerifyLeaseAsync(TaskLease lease) => life.ChooseAsync(("verifies its lease", () => true, () =>
        {
            Check(lease);
            return true;
        }
        ));

        public Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null) => StepAsync(lease, what, task =>
        {
            Move(task, to);
            changes?.ApplyTo(task, world.clock.GetUtcNow());
        });

        public Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes) => AdvanceAsync(lease, to, "reschedules the task", changes);

        public Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait = default) => throw new NotSupportedException();
        public Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task UnclaimAsync(long number) => throw new NotSupportedException();
        public Task HandOverAsync(long number, string group, string classifier) => throw new NotSupportedException();

        public Task<BridgeTask?> AcquireAsync(long number, string classifier, bool isAlone = false, TimeSpan waitAfterCrash = default) => throw new NotSupportedException();
        public Task SaveResultAsync(TaskLease lease, ClassifiedResult result, string what, TaskChanges changes) => throw new NotSupportedException();
        public Task ChargeAsync(TaskLease lease, RunCost cost) => throw new NotSupportedException();
        public Task KeepLogAsync(TaskLease lease, string text) => throw new NotSupportedException();
        public Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings) => throw new NotSupportedException();
        public Task<bool> HasPictureAsync(long number, string scanId, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task KeepPictureAsync(TaskLease lease, ScanPicture picture) => throw new NotSupportedException();
    }

    sealed class Platform(DeliveryWorld world, Life life) : IResultPlatform
    {
        public TaskAuthorization Authorize(string? taskToken) => new("token", null!, world.clock);

        public async Task<PostOutcome> PostResultsAsync(string taskId, Func<HttpContent> content, TaskAuthorization authorization, CancellationToken cancellationToken)
        {
            var post = new Post();
            world.posts.Add(post);
            await life.ChooseAsync(("connects", () => true, () => true));
            // The real body, whose last byte waits for the fence.
            using var body = content();
            await body.CopyToAsync(new MemoryStream(), cancellationToken);
            post.State = PostState.Underway;
            return await life.ChooseAsync<PostOutcome>(
                ("is answered 201", () => post.State is PostState.Committed, () => new PostOutcome(PostStatus.Accepted, "answered 201")),
                ("is answered 429", () => post.State is PostState.Dropped, () => new PostOutcome(PostStatus.NotArrived, "answered 429")),
                ("gets no answer", () => true, () => new PostOutcome(PostStatus.Uncertain, "gave no answer")));
        }

        public Task<bool> HasResultAsync(string taskId, long number, TaskAuthorization authorization, CancellationToken cancellationToken) => life.ChooseAsync<bool>(
            ("sees what the platform has", () => true, () => world.rules.ShowsResults && world.Evaluations > 0),
            ("cannot see what the platform has", () => true, () => throw new PlatformException("It could not be read.")));
    }

    static BridgeTask Copy(BridgeTask row) => new()
    {
        Number = row.Number,
        PlatformId = row.PlatformId,
        State = row.State,
        FencingToken = row.FencingToken,
        Posts = row.Posts,
        Delays = row.Delays,
        HasResult = row.HasResult,
        DeliverUntil = row.DeliverUntil,
    };

    /// <summary>Runs a step with all that goes on because of it, on the test's own thread: without a context, what waits for a task goes on where that is completed.</summary>
    static void Run(Action step)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            step();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
