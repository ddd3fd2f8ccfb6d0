using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.MainJob;

/// <summary>The task's own token first; the API key's where there is none, or once it has expired after the platform had accepted it.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_tasks_own_token_is_enough()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiKeyId, ""), (ServeSettings.ApiKeySecret, "")]);
        await bridge.CompleteAsync(await bridge.RequestAsync());
    }

    [Fact]
    public async Task A_task_without_a_token_is_delivered_by_the_API_key()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], IncludeToken = false, Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task A_token_that_expires_after_it_was_accepted_gives_way_to_the_keys_which_is_renewed_when_it_expires()
    {
        var given = 0;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Late>("late"), platform: options => options with
        {
            TaskTokenLifetime = Late.TokenLife,
            KeyTokenLifetime = TimeSpan.FromSeconds(1),
            OnEvent = e => { if (e.What.StartsWith("issued a token", StringComparison.Ordinal)) Interlocked.Increment(ref given); },
        });
        var first = await bridge.RequestAsync();
        await bridge.CompleteAsync(first);
        Assert.Equal([201], first.Posts.Select(p => p.Status));
        var second = await bridge.RequestAsync();
        await bridge.CompleteAsync(second);
        Assert.Equal([201], second.Posts.Select(p => p.Status));
        Assert.True(given >= 2, $"{given}");
    }

    [Fact]
    public async Task The_keys_token_is_asked_for_once_for_many_tasks()
    {
        var given = 0;
        await using var bridge = await TestBridge.StartAsync(platform: options => options with
        {
            OnEvent = e => { if (e.What.StartsWith("issued a token", StringComparison.Ordinal)) Interlocked.Increment(ref given); },
        });
        var tasks = await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], IncludeToken = false, Count = 12, Webhook = new Uri(bridge.Address, "/webhook").ToString() });
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(1, given);
    }

    [Theory]
    [InlineData(FaultAction.Status)]
    [InlineData(FaultAction.Reset)]
    [InlineData(FaultAction.Cut)]
    public async Task A_token_that_cannot_be_had_now_is_asked_for_again(FaultAction action)
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Token, Action = action });
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], IncludeToken = false, Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        await bridge.CompleteAsync(task);
        Assert.Single(task.Posts);
    }

    [Fact]
    public async Task A_wrong_API_key_keeps_a_task_without_a_token_waiting_and_says_what_to_check_until_the_window_ends()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiKeySecret, "wrong"), (ServeSettings.DeliveryWindow, "2s")]);
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], IncludeToken = false, Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        Assert.Contains("API key", await bridge.FailAsync(task), StringComparison.Ordinal);
    }

    /// <summary>Works for longer than the task's token lives.</summary>
    sealed class Late : IClassifier
    {
        public static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(1.5);

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(TokenLife, cancellationToken);
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans) results.Scan(scan.Id).Box(0, 0, 1, 1, "late");
            return results.Build();
        }
    }
}
