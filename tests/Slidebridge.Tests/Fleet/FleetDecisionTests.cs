using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;

namespace Slidebridge.Tests.Fleet;

/// <summary>What the controller decides, for what it sees.</summary>
public sealed class FleetDecisionTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);

    static readonly FleetGroup Gpu = new("gpu", new ProcessOptions(null)) { Most = 8, TasksPerWorker = 4, StartWithin = TimeSpan.FromMinutes(20) };

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(5, 0, 2)]
    [InlineData(3, 2, 2)]
    [InlineData(0, 4, 1)]
    [InlineData(500, 0, 8)]
    public void There_is_a_worker_for_so_many_tasks_and_not_more_than_the_most(int waiting, int running, int wanted) =>
        Assert.Equal(wanted, FleetDecision.Of(Gpu, View(waiting, running)).Wanted);

    [Fact]
    public void Workers_that_are_there_come_or_belong_to_somebody_else_are_not_asked_for_again()
    {
        var view = View(20, 0, Member("a", FleetStage.Asked), Member("b", FleetStage.Queued), Member("c", FleetStage.There)) with { Others = 1 };
        Assert.Equal((5, 1), (FleetDecision.Of(Gpu, view).Wanted, FleetDecision.Of(Gpu, view).Start));
    }

    [Fact]
    public void The_least_are_asked_for_without_work() => Assert.Equal(2, FleetDecision.Of(Gpu with { Least = 2 }, View(0, 0)).Start);

    [Fact]
    public void Many_are_asked_for_in_several_passes() => Assert.Equal(FleetDecision.MostStarts, FleetDecision.Of(Gpu with { Most = 200 }, View(5000, 0)).Start);

    [Fact]
    public void Nobody_is_asked_for_while_the_last_failure_is_fresh()
    {
        Assert.Equal(0, FleetDecision.Of(Gpu, View(8, 0) with { NotBefore = Now.AddSeconds(1) }).Start);
        Assert.Equal(2, FleetDecision.Of(Gpu, View(8, 0) with { NotBefore = Now }).Start);
    }

    [Fact]
    public void URLs_that_expire_soon_need_more_workers_than_the_number_of_tasks_does()
    {
        // Eight tasks of five minutes, whose URLs expire in 25 minutes; a worker needs five to start: eight tasks must begin within 20 minutes.
        var view = Expiring(8, TimeSpan.FromMinutes(25)) with { TaskTime = TimeSpan.FromMinutes(5), StartTime = TimeSpan.FromMinutes(5) };
        Assert.Equal(2, FleetDecision.Of(Gpu, view).Wanted);
        Assert.Equal(4, FleetDecision.Of(Gpu, view with { Waiting = Expiring(8, TimeSpan.FromMinutes(15)).Waiting }).Wanted);
        Assert.Equal(8, FleetDecision.Of(Gpu, view with { Waiting = Expiring(8, TimeSpan.FromMinutes(8)).Waiting }).Wanted);
        // Nobody can be in time: as many as for tasks that do not expire.
        Assert.Equal(2, FleetDecision.Of(Gpu, view with { Waiting = Expiring(8, TimeSpan.FromMinutes(4)).Waiting }).Wanted);
        Assert.Equal(2, FleetDecision.Of(Gpu, Expiring(8, TimeSpan.FromMinutes(8))).Wanted); // How long a task takes is not known yet.
    }

    [Fact]
    public void Requests_without_a_machine_are_withdrawn_once_no_task_waits_the_newest_first()
    {
        var view = View(0, 1, Member("old", FleetStage.Queued, 3), Member("new", FleetStage.Queued, 1), Member("works", FleetStage.There, 9), Member("starts", FleetStage.Starting, 2));
        Assert.Equal(["new", "old"], FleetDecision.Of(Gpu, view).Withdraw);
        Assert.Empty(FleetDecision.Of(Gpu, view with { Waiting = View(1, 0).Waiting }).Withdraw);
        Assert.Equal(["new"], FleetDecision.Of(Gpu with { Least = 3 }, view).Withdraw);
    }

    [Fact]
    public void A_request_that_waits_too_long_stays_and_no_other_is_added()
    {
        var decision = FleetDecision.Of(Gpu, View(40, 0, Member("late", FleetStage.Queued, 21)));
        Assert.Equal((8, 0), (decision.Wanted, decision.Start));
        Assert.Equal(["late"], decision.Late);
        Assert.Empty(decision.Overdue);
        Assert.Empty(decision.Withdraw);
    }

    [Fact]
    public void A_machine_on_which_no_worker_starts_is_ended_by_its_own_time()
    {
        var late = Member("stuck", FleetStage.Starting, 30);
        Assert.Empty(FleetDecision.Of(Gpu, View(4, 0, late with { SinceStart = Now.AddMinutes(-19) })).Overdue);
        Assert.Equal(["stuck"], FleetDecision.Of(Gpu, View(4, 0, late with { SinceStart = Now.AddMinutes(-21) })).Overdue);
    }

    static FleetView View(int waiting, int running, params FleetMember[] members) => new(Now, new DateTimeOffset?[waiting], running, members, 0);

    static FleetView Expiring(int waiting, TimeSpan within) => View(0, 0) with { Waiting = [.. Enumerable.Repeat<DateTimeOffset?>(Now + within, waiting)] };

    static FleetMember Member(string name, FleetStage stage, int minutes = 1) => new(name, stage, Now.AddMinutes(-minutes));
}
