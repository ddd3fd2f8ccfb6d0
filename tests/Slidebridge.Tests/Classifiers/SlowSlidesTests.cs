using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers;

/// <summary>Tasks whose slides never come, and what becomes of a task behind them. A whole bridge on its default limits.</summary>
public sealed class SlowSlidesTests : ServedSlideTests
{
    /// <summary>What is promised of a real task, with twenty that never come before it.</summary>
    static readonly TimeSpan Promised = TimeSpan.FromSeconds(45);

    const int Stuck = 20;

    /// <summary>The ways in which a slide does not come.</summary>
    public enum Way
    {
        /// <summary>The answer never begins.</summary>
        Hang,

        /// <summary>A byte every ten seconds, of an object that claims to be 3 GB.</summary>
        Drip,

        /// <summary>A server that ignores ranges and sends a little all the time.</summary>
        CrawlWhole,
    }

    [Theory]
    [InlineData(Way.Hang, false)]
    [InlineData(Way.Hang, true)]
    [InlineData(Way.Drip, false)]
    [InlineData(Way.Drip, true)]
    [InlineData(Way.CrawlWhole, true)]
    public async Task A_real_task_behind_twenty_whose_slides_never_come_is_done_in_time(Way way, bool onTheSameHost)
    {
        await using var bridge = await StartAsync();
        for (var i = 0; i < Stuck; i++) await PostAsync(bridge, await bridge.PrepareAsync(), Serve(way), $"company-{i}");

        var task = await bridge.PrepareAsync();
        var served = Server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token));
        if (onTheSameHost) await PostAsync(bridge, task, served, "real");
        else await PostAsync(bridge, task, null, "real");
        await CompleteAsync(bridge, task);
    }

    [Fact]
    public async Task A_real_task_that_comes_while_the_twenty_are_tried_again_is_done_in_time()
    {
        await using var bridge = await StartAsync((ServeSettings.OpenTimeout, "4s"));
        var stuck = new List<SimulatedTask>();
        for (var i = 0; i < Stuck; i++)
        {
            stuck.Add(await bridge.PrepareAsync());
            await PostAsync(bridge, stuck[i], Serve(Way.Hang), $"company-{i}");
        }
        while (!(await Task.WhenAll(stuck.Select(EventsAsync))).All(events => events.Contains("rescheduled", StringComparison.Ordinal))) await Task.Delay(100, Token);

        var task = await bridge.PrepareAsync();
        await PostAsync(bridge, task, Server.Serve(await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token)), "real");
        await CompleteAsync(bridge, task);

        async Task<string> EventsAsync(SimulatedTask one) => (await bridge.GetJsonAsync($"/api/tasks/{one.TaskNumber}")).ToString();
    }

    [Fact]
    public async Task A_slide_that_does_not_open_in_time_puts_its_task_off_with_a_sentence()
    {
        await using var bridge = await StartAsync((ServeSettings.OpenTimeout, "500ms"), (ServeSettings.SlideTries, "2"));
        var task = await bridge.PrepareAsync();
        await PostAsync(bridge, task, Serve(Way.Hang), "one");
        Assert.Equal("The slides at 127.0.0.1 were not open within 0.5 s (--open-timeout).", await bridge.FailAsync(task));
        Assert.Equal(0, bridge.Services.GetRequiredService<Openings>().Aside);
    }

    static Task<TestBridge> StartAsync(params (Setting, string)[] settings) => TestBridge.StartAsync([(ServeSettings.Concurrency, "2"), .. settings]);

    ServedObject Serve(Way way)
    {
        var served = Server.Serve(new byte[100_000]);
        (served.Hangs, served.IgnoresRange) = (way == Way.Hang, way == Way.CrawlWhole);
        if (way == Way.Drip) (served.Crawl, served.ClaimedLength) = ((1, TimeSpan.FromSeconds(10)), 3_000_000_000);
        if (way == Way.CrawlWhole) served.Crawl = (100, TimeSpan.FromMilliseconds(500));
        return served;
    }

    /// <summary>Calls the webhook as the platform does, for slides of ours and a company of its own. By what its URL says, it expired long ago.</summary>
    static async Task PostAsync(TestBridge bridge, SimulatedTask task, ServedObject? slide, string company) =>
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(task.BodyWith(slide?.Expired(), company))).StatusCode);

    static async Task CompleteAsync(TestBridge bridge, SimulatedTask task)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Promised);
        while (true)
        {
            var now = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
            if (now.GetProperty("state").GetString() == "completed") return;
            Assert.False(limit.IsCancellationRequested, $"Not done within {Promised}: {now}");
            await Task.Delay(50, Token);
        }
    }
}
