using Microsoft.Playwright;
using Slidebridge.Simulator.Faults;

namespace Slidebridge.Browser;

/// <summary>The page of one task.</summary>
public sealed class TaskPageTests
{
    [Fact]
    public async Task A_completed_task_shows_its_scan_its_result_and_every_step()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync($"/tasks/{task}");

        Assert.Equal($"Task {task} completed", (await page.Locator("h1").InnerTextAsync()).Replace('\n', ' '));
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("tissue_tumor_positive");
        await Assertions.Expect(page.Locator("#events")).ToContainTextAsync("stored on disk");
        Assert.InRange(await page.Locator("#scans img").EvaluateAsync<int>("image => image.decode().then(() => Math.max(image.naturalWidth, image.naturalHeight))"), 500, 1024);
        await page.Locator("#log summary").ClickAsync();
        await Assertions.Expect(page.Locator("#log pre")).Not.ToBeEmptyAsync();
        await page.Locator("#scans figcaption a").ClickAsync();
        await page.WaitForURLAsync($"**/tasks/{task}/scans/{scan}");
    }

    [Fact]
    public async Task A_task_is_followed_live_from_its_webhook_to_its_completion()
    {
        await using var bridge = await SharedBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 503, Times = null });
        var task = await bridge.RequestAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync($"/tasks/{task.TaskNumber}");

        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("tissue_tumor_positive", new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("#task-head .state")).Not.ToHaveTextAsync("completed");
        bridge.Platform.Faults.Clear();
        await bridge.CompleteAsync(task);
        await Assertions.Expect(page.Locator("#connection")).ToBeEmptyAsync();
        await Assertions.Expect(page.Locator("#task-head .state")).ToHaveTextAsync("completed", new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("#events")).ToContainTextAsync("delivered");
    }

    [Fact]
    public async Task An_action_asks_first_and_says_what_it_did()
    {
        var (bridge, task, _) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync($"/tasks/{task}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Erase" }).ClickAsync();
        await Assertions.Expect(page.Locator("#question-text")).ToHaveTextAsync($"Erase everything about task {task}?");
        await page.GetByRole(AriaRole.Button, new() { Name = "No" }).ClickAsync();
        Assert.True(await bridge.GetJsonAsync($"/api/tasks/{task}/result") is { ValueKind: System.Text.Json.JsonValueKind.Object });

        await page.GetByRole(AriaRole.Button, new() { Name = "Erase" }).ClickAsync();
        await page.Locator("#question button[value=yes]").ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToHaveTextAsync("Erase: done.");
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("no result");
    }

    [Fact]
    public async Task A_task_that_does_not_exist_is_answered_with_a_page()
    {
        var bridge = await SharedBridge.BridgeAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        visit.Expects = line => line.Contains("404", StringComparison.Ordinal);
        var page = await visit.OpenAsync("/tasks/4711");

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("There is no such task.");
    }
}
