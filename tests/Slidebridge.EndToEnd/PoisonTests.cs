using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>A task whose classifier ends the process, as a native library may, in a process that a supervisor starts again each time.</summary>
public sealed class PoisonTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_that_kills_its_process_is_set_aside_once_it_has_done_so_alone_and_no_other_is_blamed()
    {
        await using var node = await LoneNode.StartAsync(null, "--concurrency", "8", "--delivery-settle", "1s", "--crash-limit", "1");
        node.HoldClassifier();
        var innocent = await node.RequestAsync(6);
        await node.UntilAsync("running", innocent.Count);
        var poison = (await node.RequestAsync(1, "poison")).Single();

        var starts = 0;
        for (var ended = false; !ended; starts++)
        {
            ended = await SuperviseAsync(node, poison.TaskNumber);
            if (starts == 0) node.Free();
        }
        Assert.Equal(3 + 1, starts); // Two crashes together with other tasks, one alone.
        await node.UntilAsync("completed", innocent.Count);
        node.AssertOnce(innocent);

        var told = await node.ShowAsync(poison);
        Assert.Equal(3, told.GetProperty("attempts").GetProperty("crashes").GetInt32());
        Assert.StartsWith("The process ended 1 time while it worked on this task alone: the task is marked failed.", told.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        foreach (var task in innocent) Assert.InRange((await node.ShowAsync(task)).GetProperty("attempts").GetProperty("crashes").GetInt32(), 0, 2);

        var later = await node.RequestAsync(2);
        await node.UntilAsync("completed", innocent.Count + later.Count);
    }

    /// <summary>Waits until the process has died, and starts it again; or until the task has failed.</summary>
    static async Task<bool> SuperviseAsync(LoneNode node, long task)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!node.Serve.HasEnded)
        {
            Assert.False(patience.IsCancellationRequested, node.Serve.Output);
            try
            {
                if ((await node.Serve.GetAsync($"/api/tasks/{task}")).GetProperty("state").GetString() == "failed") return true;
            }
            catch (HttpRequestException)
            {
                // It is dying.
            }
            await Task.Delay(50, Token);
        }
        await node.RestartAsync();
        return false;
    }
}
