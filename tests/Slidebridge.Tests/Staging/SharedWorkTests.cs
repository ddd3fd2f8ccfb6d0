using Slidebridge.Staging;

namespace Slidebridge.Tests.Staging;

public sealed class SharedWorkTests
{
    readonly SharedWork<int> shared = new();
    readonly TaskCompletionSource<int> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int begun;
    CancellationToken abandoned;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    Task<int> RunAsync(CancellationToken cancellationToken, string key = "slide") => shared.RunAsync(key, async stop =>
    {
        Interlocked.Increment(ref begun);
        abandoned = stop;
        return await result.Task.WaitAsync(stop);
    }, cancellationToken);

    [Fact]
    public async Task Those_that_want_the_same_at_the_same_time_share_one_work()
    {
        var waiting = Enumerable.Range(0, 20).Select(_ => RunAsync(Token)).ToList();
        result.SetResult(7);
        Assert.All(await Task.WhenAll(waiting), got => Assert.Equal(7, got));
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task What_has_another_key_is_another_work_and_so_is_what_is_wanted_later()
    {
        result.SetResult(7);
        await Task.WhenAll(RunAsync(Token), RunAsync(Token, "another"));
        await RunAsync(Token);
        Assert.Equal(3, begun);
    }

    [Fact]
    public async Task One_that_goes_leaves_the_work_to_the_others()
    {
        using var gone = new CancellationTokenSource();
        var (leaving, staying) = (RunAsync(gone.Token), RunAsync(Token));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        result.SetResult(7);
        Assert.Equal(7, await staying);
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task When_the_last_one_goes_the_work_ends_and_the_next_one_begins_it_again()
    {
        using var gone = new CancellationTokenSource();
        Task<int>[] leaving = [RunAsync(gone.Token), RunAsync(gone.Token)];
        while (Volatile.Read(ref begun) == 0) await Task.Delay(1, Token);
        await gone.CancelAsync();
        foreach (var each in leaving) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => each);
        Assert.True(abandoned.IsCancellationRequested);
        var next = RunAsync(Token);
        result.SetResult(7);
        Assert.Equal(7, await next);
        Assert.Equal(2, begun);
    }

    [Fact]
    public async Task A_failure_is_told_to_all_that_wait()
    {
        var waiting = new[] { RunAsync(Token), RunAsync(Token) };
        result.SetException(new IOException("the disk is full"));
        foreach (var each in waiting) Assert.Equal("the disk is full", (await Assert.ThrowsAsync<IOException>(() => each)).Message);
    }
}
