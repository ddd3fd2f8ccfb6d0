using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>The list of tasks: filters, columns, and what an operator does with many at once.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task Many_tasks_are_released_rejected_retried_cancelled_and_classified_again_after_a_question()
    {
        // Every result waits for an operator.
        await using var bridge = await SharedBridge.StartAsync(json: """{ "routes": [ { "classifier": "boxes", "hold": true } ] }""");
        var tasks = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => bridge.RequestAsync()));
        foreach (var task in tasks) await bridge.UntilAsync(task, "held");
        await using var visit = await Visit.StartAsync(bridge.Address);
        visit.Expects = line => line.Contains("409 (Conflict)", StringComparison.Ordinal);
        var page = await visit.OpenAsync("/tasks");
        var (question, outcome) = (page.Locator("#question"), page.Locator("#outcome"));
        ILocator Action(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
        ILocator Box(int i) => page.GetByLabel($"Choose task {tasks[i].TaskNumber}", new() { Exact = true });
        ILocator State(int i) => page.Locator("tr", new() { Has = page.Locator($"#task-{tasks[i].TaskNumber}") }).Locator(".state");

        await Action("Release").ClickAsync();
        await Assertions.Expect(outcome).ToHaveTextAsync("Choose tasks first.");

        // No means no.
        await page.GetByLabel("Choose all tasks of this page").CheckAsync();
        await Action("Release").ClickAsync();
        await Assertions.Expect(question.Locator("#question-text")).ToHaveTextAsync("Release the result of 3 tasks?");
        await question.GetByRole(AriaRole.Button, new() { Name = "No" }).ClickAsync();
        foreach (var task in tasks) await bridge.UntilAsync(task, "held");

        await Box(2).UncheckAsync();
        await AnswerAsync("Release", "Release the result of 2 tasks?", "Release: 2 of 2 done.");
        foreach (var i in (int[])[0, 1]) await Assertions.Expect(State(i)).ToHaveTextAsync("completed", new() { Timeout = 20_000 });

        // A rejection needs a reason.
        await page.GetByLabel("Choose all tasks of this page").UncheckAsync();
        foreach (var box in (int[])[0, 1]) await Box(box).UncheckAsync();
        await Box(2).CheckAsync();
        await Action("Reject…").ClickAsync();
        await question.Locator("button[value=yes]").ClickAsync();
        await Assertions.Expect(question).ToBeVisibleAsync();
        await question.GetByLabel("Reason").FillAsync("the section is folded");
        await question.Locator("button[value=yes]").ClickAsync();
        await Assertions.Expect(outcome).ToHaveTextAsync("Reject: done.");
        await Assertions.Expect(State(2)).ToHaveTextAsync("failed", new() { Timeout = 20_000 });
        Assert.Contains("the section is folded", (await bridge.GetJsonAsync($"/api/tasks/{tasks[2].TaskNumber}")).GetProperty("lastError").GetString(), StringComparison.Ordinal);

        await AnswerAsync("Retry", $"Restart task {tasks[2].TaskNumber}?", "Retry: done.");
        await bridge.UntilAsync(tasks[2], "held");
        await Assertions.Expect(State(2)).ToHaveTextAsync("held", new() { Timeout = 20_000 });
        // What is refused is said, for each task.
        await Box(0).CheckAsync();
        await AnswerAsync("Cancel", "Cancel 2 tasks?", $"Task {tasks[0].TaskNumber}: The task is already completed.");
        await Assertions.Expect(outcome).ToContainTextAsync("Cancel: 1 of 2 done.");
        await Assertions.Expect(State(2)).ToHaveTextAsync("cancelled", new() { Timeout = 20_000 });
        await Box(2).UncheckAsync();
        await AnswerAsync("Classify again", $"Classify again task {tasks[0].TaskNumber}?", "Classify again: done.");
        await AnswerAsync("Deliver again", $"Deliver again the result of task {tasks[0].TaskNumber}?", "Deliver again: done.");

        async Task AnswerAsync(string action, string asked, string said)
        {
            await Action(action).ClickAsync();
            await Assertions.Expect(question.Locator("#question-text")).ToHaveTextAsync(asked);
            await question.Locator("button[value=yes]").ClickAsync();
            await Assertions.Expect(outcome).ToContainTextAsync(said);
        }
    }

    [Fact]
    public async Task Filters_and_columns_choose_what_is_seen_and_are_a_part_of_the_address()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync("/tasks");

        await page.GetByLabel("Task, case or scan").FillAsync(scan);
        await page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("scans", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("duration", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await page.WaitForURLAsync($"**search={scan}**");
        Assert.Equal([$"{task}"], await page.Locator("#list tbody td.number a").AllTextContentsAsync());
        foreach (var column in (string[])["scans", "duration"]) await Assertions.Expect(page.Locator("#list thead")).ToContainTextAsync(column);

        await page.Locator(".states").GetByText("failed").ClickAsync();
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync("No task matches.");
        Assert.Contains($"search={scan}", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "Clear" }).ClickAsync();
        await Assertions.Expect(page.Locator($"#task-{task}")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_overview_shows_what_each_classifier_does_and_a_task_what_its_run_on_a_paid_worker_cost()
    {
        var (bridge, task, _) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync("/");
        var load = page.Locator("tr", new() { HasText = "boxes" }).Filter(new() { HasText = "default" });
        await Assertions.Expect(load.Locator("td").Nth(1)).ToHaveTextAsync("boxes");
        Assert.Matches("^[0-9.]+ \\([0-9]+ %\\)$", await load.Locator("td").Nth(5).TextContentAsync());

        await page.GotoAsync($"/tasks/{task}");
        await Assertions.Expect(page.Locator("#course")).Not.ToContainTextAsync("cost");
        var worker = (await bridge.GetJsonAsync($"/api/tasks/{task}")).GetProperty("provenance").GetProperty("worker").GetString()!;
        await using (var database = await bridge.DatabaseAsync())
        {
            database.FleetWorkers.Add(new() { Name = worker, Group = "gpu", Engine = "slurm", StartedAt = DateTimeOffset.UtcNow, EndedAt = DateTimeOffset.UtcNow, Price = 3600 });
            await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        await page.ReloadAsync();
        var cost = await page.Locator("#course dd", new() { HasText = "at most" }).TextContentAsync();
        // A second costs 1.
        Assert.Matches("^at most [0-9.]+: [0-9.]+ s of the fleet's worker .+, whose hour costs 3600$", cost);
    }
}
