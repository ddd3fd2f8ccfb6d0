using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Tasks;

namespace Slidebridge.Tests.Classifiers;

/// <summary>How many tasks may wait for slides that do not come, and what becomes of the others.</summary>
public sealed class OpeningsTests : IDisposable
{
    readonly TaskSignal signal = new(TimeProvider.System);
    readonly ClassifierSlots slots = new(new ClassifierOptions("boxes", 2));
    readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        slots.Dispose();
    }

    [Fact]
    public async Task A_limited_number_stands_aside_for_a_host_and_in_all_and_no_place_stays_held()
    {
        var openings = new Openings(new OpeningOptions(TimeSpan.FromMinutes(5)), signal, TimeProvider.System, NullLogger<Openings>.Instance);
        Assert.Null(openings.Shortage);
        var one = Enumerable.Range(0, Openings.MostAsideOfHost + 2).Select(_ => HangAsync(openings, "one.example")).ToArray();
        var others = Enumerable.Range(0, Openings.MostAside).Select(i => HangAsync(openings, $"{i}.example")).ToArray();

        // Those that find no room end; the others wait on.
        var left = one.Concat(others).ToList();
        while (left.Count > Openings.MostAside)
        {
            var first = await Task.WhenAny(left).WaitAsync(stop.Token);
            left.Remove(first);
            await Assert.ThrowsAsync<CrowdedException>(() => first);
        }
        Assert.InRange(one.Count(task => !task.IsCompleted), 1, Openings.MostAsideOfHost);
        Assert.Equal(Openings.MostAside, openings.Aside);
        Assert.NotNull(openings.Shortage);
        // All places are free: more tasks than there are places can have one, one after the other, at once.
        for (var i = 0; i < 100; i++) (await slots.OpenAsync(stop.Token)).Dispose();
    }

    async Task HangAsync(Openings openings, string host)
    {
        using var place = await slots.OpenAsync(stop.Token);
        await openings.OpenAsync(host, "boxes", place, async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        }, stop.Token);
    }
}
