using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Platform;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Commands;

namespace Slidebridge.Tests.MainJob;

/// <summary>Classifiers that run on a task beside the one whose result is posted.</summary>
public sealed class ShadowTests
{
    const string Routes = """{ "routes": [ { "classifier": "old", "shadow": ["new", "broken"], "settings": { "depth": "3" } } ] }""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    class Old : IClassifier
    {
        public virtual Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            context.Logger.LogOld(GetType().Name);
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary($"{GetType().Name} {task.Settings?["depth"]}");
            return Task.FromResult(results.Build());
        }
    }

    /// <summary>Waits until it is let go: shadows must not keep a task from being delivered, or another from being classified.</summary>
    sealed class New : Old
    {
        public static TaskCompletionSource Gate { get; set; } = new();

        public override async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Gate.Task.WaitAsync(cancellationToken);
            return await base.ClassifyAsync(task, context, cancellationToken);
        }
    }

    sealed class Broken : IClassifier
    {
        public Task WarmUpAsync(CancellationToken cancellationToken) => throw new ClassifierException("It has no model.");

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    static async Task<TestBridge> StartAsync()
    {
        New.Gate = new();
        return await TestBridge.StartAsync([(ServeSettings.Concurrency, "1")], classifiers: b => b.AddClassifier<New>("new").AddClassifier<Broken>("broken").AddClassifier<Old>("old"), json: Routes);
    }

    static async Task<Dictionary<string, JsonElement>> ShadowsAsync(TestBridge bridge, SimulatedTask task, Func<Dictionary<string, JsonElement>, bool> until)
    {
        while (true)
        {
            var shadows = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("shadows").EnumerateArray().ToDictionary(s => s.GetProperty("classifier").GetString()!);
            if (until(shadows)) return shadows;
            await Task.Delay(20, Token);
        }
    }

    static string StateOf(JsonElement shadow) => shadow.GetProperty("state").GetString()!;

    [Fact]
    public async Task A_shadow_runs_after_the_delivery_and_its_result_is_kept_and_not_posted()
    {
        await using var bridge = await StartAsync();
        // A shadow that does not start does not matter to the bridge.
        Assert.Equal(System.Net.HttpStatusCode.OK, (await bridge.GetAsync("/health/ready")).StatusCode);
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await ShadowsAsync(bridge, task, shadows => StateOf(shadows["new"]) == "running" || StateOf(shadows["broken"]) == "running");
        // Its slot is its own: with a concurrency of 1, another task is not kept.
        await bridge.CompleteAsync(await bridge.RequestAsync());
        New.Gate.SetResult();

        var shadows = await ShadowsAsync(bridge, task, all => all.Values.All(s => StateOf(s) is "done" or "failed"));
        Assert.Equal(("done", true), (StateOf(shadows["new"]), shadows["new"].GetProperty("hasResult").GetBoolean()));
        Assert.Equal("new", shadows["new"].GetProperty("provenance").GetProperty("classifier").GetProperty("name").GetString());
        Assert.Equal("failed", StateOf(shadows["broken"]));
        Assert.Contains("It has no model", shadows["broken"].GetProperty("error").GetString() + shadows["broken"].ToString(), StringComparison.Ordinal);

        Assert.Equal("Old 3", Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results").GetProperty("summary").GetString());
        Assert.Equal("New 3", Summary(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/shadow/result?classifier=new")));
        Assert.Equal("Old 3", Summary(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/result")));
        // What the task's own classifier wrote stays.
        Assert.Contains("wrote Old", await bridge.Http.GetStringAsync(new Uri($"/api/tasks/{task.TaskNumber}/log", UriKind.Relative), Token), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/shadow/result?classifier=broken")).StatusCode);
        Assert.Equal("completed", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("state").GetString());

        var url = bridge.Address.GetLeftPart(UriPartial.Authority);
        var shown = await Ran.AsAsync(TasksCommand.Create(), "show", $"{task.TaskNumber}", "--url", url);
        Assert.Contains("shadow classifier new: done", shown.Out, StringComparison.Ordinal);
        Assert.Contains("New 3", (await Ran.AsAsync(TasksCommand.Create(), "result", $"{task.TaskNumber}", "--shadow", "new", "--url", url)).Out, StringComparison.Ordinal);
        Assert.Equal($"Task {task.TaskNumber} has no shadow classifier 'other'; it has broken, new.", (await Ran.AsAsync(TasksCommand.Create(), "result", $"{task.TaskNumber}", "--shadow", "other", "--url", url).AsFailure()).Error);
        var exported = JsonDocument.Parse((await Ran.AsAsync(TasksCommand.Create(), "export", "--url", url)).Out.Split('\n').First(line => line.Contains($"{task.TaskNumber}", StringComparison.Ordinal))).RootElement;
        Assert.Equal("New 3", Summary(exported.GetProperty("shadows").GetProperty("new")));
    }

    [Fact]
    public async Task An_operators_rerun_and_a_shadow_do_not_know_of_each_other()
    {
        await using var bridge = await StartAsync();
        New.Gate.SetResult();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await ShadowsAsync(bridge, task, all => StateOf(all["new"]) == "done");
        await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/rerun", UriKind.Relative), null, Token);
        while ((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("rerun").GetProperty("state").GetString() != "done") await Task.Delay(20, Token);
        Assert.Equal("Old 3", Summary(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/rerun/result")));
        Assert.Equal("New 3", Summary(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/shadow/result?classifier=new")));
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_shadow_that_ended_its_node_is_not_run_again_and_a_rerun_once_more()
    {
        await using var bridge = await StartAsync();
        New.Gate.SetResult();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await ShadowsAsync(bridge, task, all => StateOf(all["new"]) == "done" && StateOf(all["broken"]) == "failed");
        // What a node leaves that ends while it runs them.
        await using (var database = await bridge.DatabaseAsync())
        {
            var longAgo = DateTimeOffset.UtcNow.AddMinutes(-5);
            await database.Reruns.Where(r => r.TaskNumber == task.TaskNumber && r.Shadow == "new").ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RerunState.Running).SetProperty(r => r.Node, "gone").SetProperty(r => r.UpdatedAt, longAgo), Token);
            foreach (var error in (string?[])[null, "Node gone ended while it ran the classifier."])
            {
                database.ChangeTracker.Clear();
                await database.Reruns.Where(r => r.TaskNumber == task.TaskNumber && r.Shadow == "").ExecuteDeleteAsync(Token);
                database.Reruns.Add(new TaskRerun { TaskNumber = task.TaskNumber, Who = "Ada", State = RerunState.Running, Node = "gone", UpdatedAt = longAgo, AskedAt = longAgo, Error = error });
                await database.SaveChangesAsync(Token);
                JsonElement rerun;
                do rerun = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("rerun");
                while (rerun.GetProperty("state").GetString() is not ("done" or "failed"));
                Assert.Equal(error is null ? "done" : "failed", rerun.GetProperty("state").GetString());
            }
        }
        var shadows = await ShadowsAsync(bridge, task, all => StateOf(all["new"]) is "failed");
        Assert.Equal("Node gone ended while it ran the classifier. It is not run again.", shadows["new"].GetProperty("error").GetString());
    }

    [Fact]
    public async Task Shadows_of_tasks_without_a_result_on_the_platform_are_forgotten()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<New>("new").AddClassifier<Old>("old"), json: """{ "routes": [ { "classifier": "old", "shadow": "new", "hold": true } ] }""");
        var task = await bridge.RequestAsync();
        await bridge.UntilAsync(task, "held");
        Assert.Equal("waiting", StateOf((await ShadowsAsync(bridge, task, _ => true))["new"]));
        await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token);
        await bridge.Services.GetRequiredService<TaskStore>().ForgetShadowsAsync(["new"]);
        Assert.False((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).TryGetProperty("shadows", out _));
    }

    static string? Summary(JsonElement result) => result.GetProperty("scanResults")[0].GetProperty("results").GetProperty("summary").GetString();
}

static partial class ShadowLog
{
    [LoggerMessage(1, LogLevel.Information, "wrote {What}")]
    public static partial void LogOld(this ILogger logger, string what);
}
