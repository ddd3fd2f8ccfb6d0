using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Slides;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;
using Slidebridge.Tests.Verification;

namespace Slidebridge.Tests.Web;

/// <summary>A task's slides for the viewer.</summary>
public sealed class SlideViewTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_leads_to_tiles_with_the_slides_pixels_and_one_look_is_one_line_of_the_audit_log()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var view = await DescribeAsync(bridge, task.TaskNumber, task.Scans[0].Id);

        Assert.Equal((2220, 2967), (view.GetProperty("width").GetInt32(), view.GetProperty("height").GetInt32()));
        Assert.Equal("url", view.GetProperty("source").GetString());
        var (tiles, last, size) = (view.GetProperty("tiles").GetString()!, view.GetProperty("levels").GetInt32() - 1, view.GetProperty("tileSize").GetInt32());
        var seen = Raster.Decode(await (await bridge.GetAsync($"{tiles}/{last}/2_3.jpg")).Content.ReadAsByteArrayAsync(Token));
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var pixels = await slide.ReadRegionAsync(new Region(0, 2 * size, 3 * size, size, size), cancellationToken: Token);
        Assert.Equal(size, seen.Width);
        Assert.InRange(seen.Pixels.Zip(pixels.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 1);

        foreach (var name in (string[])["99_0.jpg", "0_-1.jpg", "0_0.png", "x_y.jpg", "0.jpg", "4294967296_0.jpg"]) Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"{tiles}/{last}/{name}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"{tiles}/99/0_0.jpg")).StatusCode);
        await bridge.AuditAsync(1, line => line.Action == "slide viewed");
        Assert.Single(await bridge.AuditAsync(1, line => line.Action == "slide viewed"));
    }

    [Fact]
    public async Task Several_tiles_come_in_one_answer_with_the_bytes_that_they_have_alone_and_a_missing_one_has_none()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var view = await DescribeAsync(bridge, task.TaskNumber, task.Scans[0].Id);
        var (tiles, last) = (view.GetProperty("tiles").GetString()!, view.GetProperty("levels").GetInt32() - 1);
        string[] names = [$"{last}/2_3", $"{last}/3_3", $"{last - 2}/0_1", $"{last}/99_0"];

        var answer = await (await bridge.GetAsync($"{tiles}/tiles?at={string.Join(',', names)}")).Content.ReadAsByteArrayAsync(Token);
        var read = new Dictionary<int, byte[]>();
        for (var at = 0; at < answer.Length; at += 8 + BitConverter.ToInt32(answer, at + 4)) read[BitConverter.ToInt32(answer, at)] = answer[(at + 8)..(at + 8 + BitConverter.ToInt32(answer, at + 4))];

        Assert.Equal(names.Length, read.Count);
        for (var i = 0; i < 3; i++) Assert.Equal(await (await bridge.GetAsync($"{tiles}/{names[i]}.jpg")).Content.ReadAsByteArrayAsync(Token), read[i]);
        Assert.Empty(read[3]);
        foreach (var wrong in (string[])["", "0", "0/0", "0/0_-1", "0/0_0,", "a/0_0", string.Join(',', Enumerable.Repeat("0/0_0", 257))]) Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync($"{tiles}/tiles?at={wrong}")).StatusCode);
    }

    [Fact]
    public async Task A_tile_under_another_key_or_of_another_task_is_refused()
    {
        await using var bridge = await TestBridge.StartAsync();
        var (one, other) = (await bridge.RequestAsync(), await bridge.RequestAsync());
        await bridge.CompleteAsync(one);
        await bridge.CompleteAsync(other);
        var tiles = (await DescribeAsync(bridge, one.TaskNumber, one.Scans[0].Id)).GetProperty("tiles").GetString()!;
        var key = tiles.Split('/')[^1];

        Assert.Equal(HttpStatusCode.Conflict, (await bridge.GetAsync($"/api/tasks/{one.TaskNumber}/scans/{one.Scans[0].Id}/slide/0123456789abcdef/0/0_0.jpg")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await bridge.GetAsync($"/api/tasks/{other.TaskNumber}/scans/{other.Scans[0].Id}/slide/{key}/0/0_0.jpg")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{one.TaskNumber}/scans/4711/slide/{key}/0/0_0.jpg")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync($"{tiles}/0/0_0.jpg")).StatusCode);
    }

    [Fact]
    public async Task A_slide_that_cannot_be_read_says_why_and_the_kept_picture_is_there()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Status = 403, Times = null });
        var path = $"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}";

        var refused = await bridge.GetAsync($"{path}/slide");
        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
        Assert.Contains("expired", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("image/jpeg", (await bridge.GetAsync($"{path}/picture.jpg")).Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_slides_of_a_task_that_the_platform_has_not_confirmed_are_not_opened()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        var task = await bridge.RequestAsync();

        var refused = await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}/slide");
        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
        Assert.Contains("has not confirmed this task", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fresh_URLs_of_a_webhook_for_a_completed_task_are_kept_for_viewing_alone()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await using (var database = await bridge.DatabaseAsync())
            await database.Tasks.ExecuteUpdateAsync(set => set.SetProperty(t => t.Secrets, (byte[]?)null), Token); // As when they have expired.
        var path = $"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}/slide";
        Assert.Equal(HttpStatusCode.Gone, (await bridge.GetAsync(path)).StatusCode);

        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilEventAsync(task, what => what.Contains("the slides can be viewed with its URLs until they expire", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync(path)).StatusCode);
        var now = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        Assert.Equal(("completed", 1), (now.GetProperty("state").GetString(), now.GetProperty("attempts").GetProperty("runs").GetInt32()));
        Assert.Single(bridge.EvaluationsOf(task));

        // The same once more brings nothing new, and a task that was erased stays erased.
        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilEventAsync(task, what => what == "webhook received again: the task is already completed");
        using (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) { }
        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilEventAsync(task, what => what == "webhook received again: the task is already completed");
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync(path)).StatusCode);
        await using var after = await bridge.DatabaseAsync();
        Assert.Null((await after.Tasks.SingleAsync(Token)).Secrets);
        Assert.Empty(await after.Requests.ToListAsync(Token));
    }

    [Fact]
    public async Task The_index_of_an_erased_results_objects_is_deleted_at_once()
    {
        await using var bridge = await TestBridge.StartAsync();
        var (task, other) = (await bridge.RequestAsync(), await bridge.RequestAsync());
        await bridge.CompleteAsync(task);
        await bridge.CompleteAsync(other);
        foreach (var each in (SimulatedTask[])[task, other]) Assert.Equal(4, (await bridge.GetJsonAsync($"/api/tasks/{each.TaskNumber}/scans/{each.Scans[0].Id}/objects")).GetProperty("objects").GetInt32());
        var folder = Path.Combine(bridge.Data, "work", "objects");
        Assert.Equal(2, Directory.GetFiles(folder).Length);

        using (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) { }
        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync($"/api/tasks/{other.TaskNumber}/scans/{other.Scans[0].Id}/objects")).StatusCode);
    }

    static Task<JsonElement> DescribeAsync(TestBridge bridge, long task, string scan) => bridge.GetJsonAsync($"/api/tasks/{task}/scans/{scan}/slide");
}
