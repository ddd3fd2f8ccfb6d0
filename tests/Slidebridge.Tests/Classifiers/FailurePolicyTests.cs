using Slidebridge.Execution;
using Slidebridge.Sdk;
using Slidebridge.Tasks;

namespace Slidebridge.Tests.Classifiers;

public sealed class FailurePolicyTests
{
    static readonly FailurePolicy Policy = new(new RetryOptions(Tries: 8, new Backoff(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5))), crashLimit: 3);

    [Fact]
    public void A_failure_that_does_not_pass_ends_the_task_at_once() =>
        Assert.Null(Policy.Decide(Failure(FailureOrigin.Task, isTransient: false), delays: 0).Wait);

    [Theory]
    [InlineData(FailureOrigin.Task, 8)]
    [InlineData(FailureOrigin.Process, 3)]
    public void A_failure_that_may_pass_is_tried_as_often_as_its_origin_allows(FailureOrigin origin, int attempts)
    {
        var (delays, made) = (0, 1);
        while (Policy.Decide(Failure(origin), delays) is { Wait: not null } again) (delays, made) = (again.Delays, made + 1);
        Assert.Equal(attempts, made);
    }

    [Fact]
    public void However_long_the_machine_is_not_ready_a_task_waits_and_has_an_attempt_left_for_what_else_may_happen()
    {
        var delays = 0;
        for (var waits = 0; waits < 1000; waits++)
        {
            var again = Policy.Decide(Failure(FailureOrigin.Machine), delays);
            Assert.NotNull(again.Wait);
            delays = again.Delays;
        }
        Assert.NotNull(Policy.Decide(Failure(FailureOrigin.Task), delays).Wait);
    }

    [Fact]
    public void The_waits_double_and_stay_below_the_longest()
    {
        Assert.All(Enumerable.Range(0, 7), delays =>
        {
            var wait = Policy.Decide(Failure(FailureOrigin.Task), delays).Wait!.Value;
            Assert.InRange(wait.TotalSeconds, Math.Pow(2, delays), Math.Min(300, 2 * Math.Pow(2, delays)));
        });
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0, true, false)]
    [InlineData(1, false, false)]
    [InlineData(1, true, true)] // Its crash is not counted yet.
    [InlineData(2, false, true)]
    public void After_two_crashes_a_task_runs_alone(int crashes, bool isRunning, bool mustBeAlone) => Assert.Equal(mustBeAlone, Policy.MustRunAlone(Crashed(crashes, 0, isRunning)));

    [Fact]
    public void Only_crashes_with_the_task_alone_make_it_fail()
    {
        Policy.Check(Crashed(100, 2));
        Assert.Throws<PoisonTaskException>(() => Policy.Check(Crashed(5, 3)));
        Assert.False(Policy.MustRunAlone(Crashed(5, 3))); // It does not run at all.
    }

    [Fact]
    public void The_wait_after_a_crash_grows_so_that_a_series_of_lost_machines_does_not_use_up_the_attempts()
    {
        double[] waits = [.. Enumerable.Range(0, 8).Select(before => Policy.WaitAfterCrash(Crashed(before, 0, isRunning: true)).TotalSeconds)];
        Assert.Equal([0, 2, 8, 32, 128, 300, 300, 300], waits);
        Assert.Equal(TimeSpan.Zero, Policy.WaitAfterCrash(Crashed(4, 0))); // It waited when the crash was counted.
        Assert.Equal(TimeSpan.Zero, Policy.WaitAfterCrash(new BridgeTask { PlatformId = "1", Crashes = 4, LoneCrashes = 2, IsAlone = true, State = TaskState.Running })); // It is marked failed now.
    }

    static BridgeTask Crashed(int crashes, int alone, bool isRunning = false) =>
        new() { PlatformId = "1", Crashes = crashes, LoneCrashes = alone, State = isRunning ? TaskState.Running : TaskState.Accepted };

    [Fact]
    public void What_a_failure_says_of_itself_is_what_is_told_and_of_any_other_exception_its_words_stay_out_of_the_log()
    {
        var known = TaskFailure.Of(new ClassifierException("no tissue of Doe^Jane") { IsTransient = true });
        Assert.Equal(("no tissue of Doe^Jane", true), (known.Message, known.IsTransient));
        var unknown = TaskFailure.Of(new AggregateException(new InvalidOperationException("Doe^Jane")));
        Assert.Equal(("The classifier failed with InvalidOperationException: Doe^Jane", false), (unknown.Message, unknown.IsTransient));
        Assert.All([known, unknown], failure => Assert.DoesNotContain("Doe", failure.LogMessage + failure.PlainMessage, StringComparison.Ordinal));
    }

    static TaskFailure Failure(FailureOrigin origin, bool isTransient = true) => new("It failed.", "It failed.", "It failed.", null, "Failure") { IsTransient = isTransient, Origin = origin };
}
