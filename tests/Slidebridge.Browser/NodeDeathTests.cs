using System.Net;
using Microsoft.Playwright;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.Browser;

/// <summary>Three web nodes and a worker on a real PostgreSQL behind a real load balancer without sticky sessions: a page goes on when the node that serves it is killed.</summary>
public sealed class NodeDeathTests
{
    [Fact]
    public async Task An_open_page_goes_on_when_its_web_node_is_killed()
    {
        await using var cluster = await Cluster.StartAsync(web: 3, workers: 1, "--api-token", SharedBridge.Token);
        await using var balancer = await LoadBalancer.StartAsync([.. cluster.WebAddresses]);
        cluster.HoldClassifiers();
        var task = (await cluster.PrepareAsync(1)).Single();
        Assert.Equal(HttpStatusCode.OK, await cluster.TrySendAsync(task, 0));
        await using var visit = await Visit.StartAsync(balancer.Address);
        visit.Expects = line => line.Contains("net::ERR_", StringComparison.Ordinal) || line.Contains("Failed to load resource: the server responded with a status of 50", StringComparison.Ordinal)
            || line.Contains("failed to load: %s", StringComparison.Ordinal); // What the killed node was asked for, and what the load balancer says until it notices.

        // A task is followed from the webhook to its end, though the node of the page's stream dies on the way.
        var stream = visit.Page.WaitForResponseAsync("**/live/tasks/*");
        var page = await visit.OpenAsync($"/tasks/{task.TaskNumber}");
        await Assertions.Expect(page.Locator("#task-head .state")).ToHaveTextAsync("running", new() { Timeout = 60_000 });
        await page.EvaluateAsync("() => { window.isTheSamePage = true; }");
        await cluster.KillAsync(await NodeOfAsync(await stream));
        cluster.Free();
        await Assertions.Expect(page.Locator("#task-head .state")).ToHaveTextAsync("completed", new() { Timeout = 60_000 });
        Assert.True(await page.EvaluateAsync<bool>("() => window.isTheSamePage === true"));

        // The viewer's tiles come from another node, which opens the slide again.
        var slide = page.WaitForResponseAsync("**/slide");
        await visit.ViewAsync(task.TaskNumber, task.Scans.Single().Id);
        await page.EvaluateAsync("() => { window.failed = 0; slidebridge.viewer.addHandler('tile-load-failed', event => { if (event.maxReached) window.failed++; }); }");
        await cluster.KillAsync(await NodeOfAsync(await slide));
        await page.EvaluateAsync("() => { const view = slidebridge.viewer.viewport; view.zoomTo(view.imageToViewportZoom(1), null, true); }");
        await visit.SettleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.failed"));
        Assert.Single(cluster.WebAddresses);
    }

    static async Task<int> NodeOfAsync(IResponse answer) => int.Parse((await answer.HeaderValueAsync(LoadBalancer.NodeHeader))!, System.Globalization.CultureInfo.InvariantCulture);
}
