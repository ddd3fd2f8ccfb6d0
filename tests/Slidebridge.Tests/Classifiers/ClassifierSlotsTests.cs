using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;

namespace Slidebridge.Tests.Classifiers;

public sealed class ClassifierSlotsTests : IDisposable
{
    const int Concurrency = 2, Open = Concurrency + OpenedAhead.Least;

    readonly ClassifierSlots slots = new(new ClassifierOptions("boxes", Concurrency));

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => slots.Dispose();

    async Task<List<ClassifierSlots.Place>> TakeAsync(int count)
    {
        var taken = new List<ClassifierSlots.Place>();
        for (var i = 0; i < count; i++) taken.Add(await slots.OpenAsync(Token));
        return taken;
    }

    [Fact]
    public async Task So_many_tasks_have_their_slides_open_and_the_next_one_waits_for_one_of_them()
    {
        var taken = await TakeAsync(Open);
        var next = slots.OpenAsync(Token);
        Assert.False(next.IsCompleted);
        taken[0].Dispose();
        (await next).Dispose();
    }

    [Fact]
    public async Task No_more_tasks_are_classified_than_the_node_may()
    {
        var first = await slots.ClassifyAsync(null, Token);
        using var second = await slots.ClassifyAsync(null, Token);
        var third = slots.ClassifyAsync(null, Token);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task A_task_on_its_last_chance_waits_until_it_is_alone_and_keeps_the_others_waiting()
    {
        var taken = await TakeAsync(3);
        var alone = slots.OpenAloneAsync(Token);
        foreach (var place in taken.Take(2)) place.Dispose();
        Assert.False(alone.IsCompleted);
        taken[2].Dispose();
        var last = await alone;

        var other = slots.OpenAsync(Token);
        Assert.False(other.IsCompleted);
        last.Dispose();
        (await other).Dispose();
    }

    [Fact]
    public async Task A_shadow_has_its_own_places_and_a_task_that_must_be_alone_waits_for_it_too()
    {
        foreach (var _ in await TakeAsync(Open)) _.Dispose();
        var shadow = await slots.OpenBesideAsync(Token);
        var alone = slots.OpenAloneAsync(Token);
        Assert.False(alone.IsCompleted);
        shadow.Dispose();
        using var held = await alone;
        Assert.True(held.IsAlone);
        Assert.False(slots.OpenBesideAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task Slow_slides_and_a_quick_classifier_open_more_tasks_ahead_and_a_slow_classifier_fewer_again()
    {
        Assert.Equal(Open, slots.Places);
        slots.Opened(TimeSpan.FromSeconds(2));
        slots.Classified(TimeSpan.FromMilliseconds(200));
        const int wide = Concurrency + 2 * 10;
        Assert.Equal(wide, slots.Places);
        var taken = await TakeAsync(wide);
        Assert.False(slots.OpenAsync(Token).IsCompleted);

        for (var i = 0; i < 100; i++) slots.Classified(TimeSpan.FromMinutes(1));
        Assert.Equal(Open, slots.Places);
        foreach (var place in taken.Skip(1)) place.Dispose(); // One of them went to the task that waits.
        foreach (var place in await TakeAsync(Open - 2)) place.Dispose();
    }

    [Fact]
    public async Task A_task_that_must_be_alone_is_so_while_the_number_of_places_changes()
    {
        slots.Classified(TimeSpan.FromMilliseconds(200));
        slots.Opened(TimeSpan.FromSeconds(2));
        var taken = await TakeAsync(5);
        var alone = slots.OpenAloneAsync(Token);
        for (var i = 0; i < 100; i++) slots.Classified(TimeSpan.FromMinutes(1));
        foreach (var place in taken) place.Dispose();
        var held = await alone.WaitAsync(TimeSpan.FromSeconds(30), Token);
        for (var i = 0; i < 100; i++) slots.Classified(TimeSpan.FromMilliseconds(1));
        var next = slots.OpenAsync(Token);
        Assert.False(next.IsCompleted);
        held.Dispose();
        (await next).Dispose();
    }

    [Fact]
    public async Task Two_tasks_that_must_be_alone_are_so_one_after_the_other()
    {
        var first = await slots.OpenAloneAsync(Token);
        var second = slots.OpenAloneAsync(Token);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task One_that_stops_waiting_to_be_alone_gives_back_what_it_had_gathered()
    {
        using var held = await slots.OpenAsync(Token);
        using var stop = new CancellationTokenSource();
        var alone = slots.OpenAloneAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        foreach (var place in await TakeAsync(Open - 1)) place.Dispose();
    }

    [Fact]
    public async Task A_slot_is_free_once_however_often_it_is_given_back()
    {
        var taken = await TakeAsync(Open);
        taken[0].Dispose();
        taken[0].Dispose();
        using var next = await slots.OpenAsync(Token);
        Assert.False(slots.OpenAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task A_slot_that_is_given_up_for_a_while_is_another_tasks_and_is_waited_for_again()
    {
        var taken = await TakeAsync(Open);
        taken[0].GiveUp();
        Assert.False(taken[0].IsHeld);
        var other = await slots.OpenAsync(Token);
        var again = taken[0].TakeAsync(Token);
        Assert.False(again.IsCompleted);
        other.Dispose();
        await again;
        Assert.True(taken[0].IsHeld);
    }
}
