using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Platform;
using Slidebridge.Staging;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Staging;

/// <summary>Tasks whose URLs were made to get at what is not theirs, on a whole bridge.</summary>
public sealed class HostileTaskTests : ServedSlideTests
{
    static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_file_that_names_local_files_opens_none_however_often_it_is_tried_also_from_its_copy(bool isStaged)
    {
        await using var bridge = await TestBridge.StartAsync();
        var victim = Folder.File("victim.jpg");
        await File.WriteAllBytesAsync(victim, new byte[1000], Token);
        var key = Server.Serve(System.Text.Encoding.ASCII.GetBytes($"[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\nImageFile=../../../../../../..{victim}\nMacroImage=/proc/self/fd/57\nMapFile={victim}\n"));
        var url = key.ExpiringIn(Life);
        if (isStaged) (await bridge.Services.GetRequiredService<StagedSlides>().StageAsync(url, Token)).Dispose();
        var task = await bridge.PrepareAsync();
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(task.BodyWith(url, "one"))).StatusCode);
        Assert.Contains("several files", await bridge.FailAsync(task), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync("", $"/api/tasks/{task.TaskNumber}/retry")).StatusCode);
        Assert.Contains("several files", await bridge.FailAsync(task), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_victims_copy_is_not_opened_by_a_forged_url_that_says_that_it_has_expired()
    {
        await using var bridge = await TestBridge.StartAsync();
        var slide = Server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token));
        (await bridge.Services.GetRequiredService<StagedSlides>().StageAsync(slide.ExpiringIn(Life), Token)).Dispose();
        slide.Status = _ => 403;
        var task = await bridge.PrepareAsync();
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(task.BodyWith(slide.Expired().Replace("secret", "forged", StringComparison.Ordinal), "one"))).StatusCode);
        Assert.Contains("expired at 2020-01-01", await bridge.FailAsync(task), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_stops_when_its_task_is_cancelled()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.MinFree, "0"), (ServeSettings.OpenTimeout, "2m")]);
        // Opens slowly, and would take ten minutes to copy.
        var slide = Server.Serve([.. await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token), .. new byte[200_000_000]]);
        slide.Crawl = (16 * 1024, TimeSpan.FromMilliseconds(80));
        var stuck = Server.Serve(new byte[1000]);
        stuck.Hangs = true;
        var task = await bridge.PrepareAsync();
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(TwoScans(task, slide.ExpiringIn(Life), stuck.ExpiringIn(Life)))).StatusCode);

        var parts = () => Directory.GetFiles(Path.Combine(bridge.Data, "slides"), "*.part");
        await UntilAsync(() => parts().Length == 1);
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync("", $"/api/tasks/{task.TaskNumber}/cancel")).StatusCode);
        await UntilAsync(() => parts().Length == 0);
        Assert.Empty(Directory.GetFiles(Path.Combine(bridge.Data, "slides"), "*.slide"));
    }

    /// <summary>The first is copied; the second keeps the task from being opened.</summary>
    static string TwoScans(SimulatedTask task, string first, string second)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(task.BodyWith(first, "one"))!.AsObject();
        var scan = body["scans"]!.AsObject().Single().Key;
        body["scan_urls"] = new System.Text.Json.Nodes.JsonObject { [scan] = new System.Text.Json.Nodes.JsonArray(first, second) };
        return body.ToJsonString();
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!holds()) await Task.Delay(50, limit.Token);
    }
}
