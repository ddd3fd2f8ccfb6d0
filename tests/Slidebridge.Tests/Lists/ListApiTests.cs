using System.Net;
using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Lists;

public sealed class ListApiTests
{
    [Fact]
    public async Task The_API_and_the_command_page_and_filter_alike()
    {
        await using var bridge = await TestBridge.StartAsync();
        var tasks = new[] { await bridge.RequestAsync(), await bridge.RequestAsync(), await bridge.RequestAsync() };
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        var first = await bridge.GetJsonAsync("/api/tasks?limit=2&state=completed,failed");
        Assert.Equal([tasks[2].TaskNumber, tasks[1].TaskNumber], Numbers(first));
        Assert.Equal((3, 3), (first.GetProperty("total").GetInt32(), first.GetProperty("counts").GetProperty("completed").GetInt32()));
        Assert.False(first.TryGetProperty("previous", out _));
        var second = await bridge.GetJsonAsync($"/api/tasks?limit=2&after={first.GetProperty("next").GetString()}");
        Assert.Equal([tasks[0].TaskNumber], Numbers(second));
        Assert.False(second.TryGetProperty("next", out _));
        Assert.Equal(Numbers(first), Numbers(await bridge.GetJsonAsync($"/api/tasks?limit=2&before={second.GetProperty("previous").GetString()}")));

        var (number, scan) = (tasks[1].TaskNumber, tasks[1].Scans[0].Id);
        foreach (var query in (string[])[$"search={number}", $"search={Uri.EscapeDataString(tasks[1].TaskId)}", $"search={scan}", $"search={scan}&classifier=boxes&since=2020-01-01"])
            Assert.Equal($"{query}: {number}", $"{query}: {string.Join(' ', Numbers(await bridge.GetJsonAsync($"/api/tasks?{query}")))}");
        foreach (var query in (string[])["classifier=other", "stain=none", "group=other", "node=other", "until=2020-01-01", "search=nothing", "company="])
            Assert.Empty(Numbers(await bridge.GetJsonAsync($"/api/tasks?{query}")));
        foreach (var query in (string[])["after=x", "before=x", "since=yesterday", $"after={first.GetProperty("next").GetString()}&before={first.GetProperty("next").GetString()}", "offset=-1", "state=completed,odd"])
            Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync($"/api/tasks?{query}")).StatusCode);

        string[] of = ["--json", "--url", bridge.Address.ToString()];
        var listed = await Ran.AsAsync(TasksCommand.Create(), ["list", "--search", scan, "--classifier", "boxes", "--since", "2020-01-01", .. of]);
        Assert.Equal([number], Numbers(JsonDocument.Parse(listed.Out).RootElement));
        var wrong = await Ran.AsAsync(TasksCommand.Create(), ["list", "--since", "yesterday", .. of]);
        Assert.Equal((2, "slidebridge: --since: 'yesterday' is not a time such as 2026-11-28 or 2026-11-28T14:00."), (wrong.Code, wrong.Error.TrimEnd()));
        Assert.Equal(3, (await Ran.AsAsync(TasksCommand.Create(), ["export", "--url", bridge.Address.ToString()])).Out.TrimEnd().Split('\n').Length);
    }

    static long[] Numbers(JsonElement page) => [.. page.GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("task").GetInt64())];
}
