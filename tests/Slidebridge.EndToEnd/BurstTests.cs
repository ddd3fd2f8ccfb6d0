using System.Net;
using System.Text;
using System.Text.Json;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>More webhooks at once than anybody should send.</summary>
public sealed class BurstTests
{
    const int Burst = 10_000, AtOnce = 100;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_ten_thousand_webhooks_in_a_burst_all_are_answered_and_stored_while_the_node_stays_ready()
    {
        await using var node = await LoneNode.StartAsync(null);
        node.HoldClassifier();
        var burst = node.RequestAsync(Burst, connections: 64);
        var answers = new List<HttpStatusCode>();
        while (!burst.IsCompleted)
        {
            using var answer = await node.Serve.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
            answers.Add(answer.StatusCode);
            await Task.Delay(100, Token);
        }
        var tasks = await burst;
        Assert.All(tasks, t => Assert.Equal(200, t.Webhook!.Status));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a));

        await node.Serve.KillAsync();
        await node.RestartAsync();
        Assert.Equal(Burst, (await node.Serve.GetAsync("/api/tasks?limit=1")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_same_webhook_a_hundred_times_at_once_makes_one_task_and_one_evaluation()
    {
        await using var node = await LoneNode.StartAsync(null);
        var task = (await node.Platform.RequestAsync(new() { Slides = [Files.RealSlide] }, Token)).Single();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SendAsync(node.Serve, task.Body))), status => Assert.Equal(HttpStatusCode.OK, status));
        await node.UntilAsync("completed", 1);
        await AssertOneAsync(node.Serve);
        node.AssertOnce([task]);
    }

    [Fact]
    public async Task The_same_webhook_a_hundred_times_at_once_at_two_nodes_makes_one_task_and_one_evaluation()
    {
        await using var cluster = await Cluster.StartAsync(web: 2, workers: 1);
        var task = (await cluster.PrepareAsync(1)).Single();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => cluster.TrySendAsync(task, i % 2))), status => Assert.Equal(HttpStatusCode.OK, status));
        await cluster.UntilAsync("completed", 1);
        await AssertOneAsync(cluster.Node(0));
        Assert.Single(cluster.Platform.State.Evaluations);
    }

    static async Task<HttpStatusCode> SendAsync(ServeProcess node, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await node.Http.PostAsync(new Uri("/webhook", UriKind.Relative), content, Token);
        return answer.StatusCode;
    }

    static async Task AssertOneAsync(ServeProcess node)
    {
        JsonElement all = await node.GetAsync("/api/tasks");
        Assert.Equal(1, all.GetProperty("total").GetInt32());
        Assert.Equal(1, all.GetProperty("tasks")[0].GetProperty("attempts").GetProperty("runs").GetInt32());
    }
}
