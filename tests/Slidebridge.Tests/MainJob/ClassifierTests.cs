using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.MainJob;

/// <summary>What a classifier is given, and what becomes of what it does.</summary>
public sealed class ClassifierTests
{
    sealed class Recorder : IClassifier
    {
        public static ClassificationTask? Seen { get; private set; }

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            Seen = task;
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans) results.Scan(scan.Id).Summary("seen");
            return Task.FromResult(results.Build());
        }
    }

    sealed class Broken : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("no such layer");
    }

    /// <summary>A result of a scan that is not the task's, around the builder.</summary>
    sealed class Stranger : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) =>
            Task.FromResult(new TaskResults { ScanResults = [new ScanResult { ScanId = "12", GeoJson = new FeatureCollection { Features = [] } }] });
    }

    sealed class Counter : IClassifier
    {
        static int now;

        public static int Most { get; private set; }

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            Most = Math.Max(Most, Interlocked.Increment(ref now));
            await Task.Delay(30, cancellationToken);
            Interlocked.Decrement(ref now);
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return results.Build();
        }
    }

    [Fact]
    public async Task A_classifier_sees_the_task_as_the_platform_sent_it()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.KeepUnknownFields, "yes")], classifiers: b => b.AddClassifier<Recorder>("recorder"));
        var task = (await bridge.RequestAsync(new AiRequest
        {
            Slides = [TestBridge.RealSlide],
            Model = "mitosis-3",
            Company = "99",
            Stain = "Ki-67",
            Extra = new() { ["new_field"] = 7 },
            Webhook = new Uri(bridge.Address, "/webhook").ToString(),
        })).Single();
        await bridge.CompleteAsync(task);
        var seen = Recorder.Seen!;
        Assert.Equal((task.TaskNumber, task.CaseNumber, "99", "mitosis-3"), (seen.TaskId, seen.CaseId, seen.CompanyId, seen.Model));
        Assert.Equal("Ki-67", Assert.Single(seen.Scans).Stain!.Value);
        Assert.Equal(7, (int)seen.Request!["new_field"]!);
        Assert.False(seen.Request.ContainsKey("jwt_token"));
    }

    /// <summary>Reports parts of nothing: 0 / 0.</summary>
    sealed class Unsure : IClassifier
    {
        public static TaskCompletionSource Held { get; } = new();

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            context.Progress.Report(new ScanProgress(task.Scans[0].Id, double.NaN));
            await Held.Task.WaitAsync(cancellationToken);
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return results.Build();
        }
    }

    [Fact]
    public async Task A_progress_that_is_no_number_does_not_break_the_API()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Unsure>("unsure"));
        var task = await bridge.RequestAsync();
        while ((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("state").GetString() != "running") await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("tasks")[0].GetProperty("scans")[0].GetProperty("progress").GetDouble());
        Unsure.Held.SetResult();
        await bridge.CompleteAsync(task);
    }

    /// <summary>Lets the first task through and holds all others.</summary>
    sealed class FirstOnly : IClassifier
    {
        static int tasks;

        public static TaskCompletionSource Held { get; } = new();

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref tasks) > 1) await Held.Task.WaitAsync(cancellationToken);
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return results.Build();
        }
    }

    [Fact]
    public async Task A_delivery_is_tried_again_though_more_tasks_wait_for_the_classifier_than_there_are_threads()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "1")], classifiers: b => b.AddClassifier<FirstOnly>("first-only"));
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429, RetryAfter = 2 });
        var first = await bridge.RequestAsync();
        while (first.Posts.IsEmpty && bridge.Platform.Faults.Waiting.Count > 0) await Task.Delay(10, TestContext.Current.CancellationToken);
        var others = await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Count = 150, Webhook = new Uri(bridge.Address, "/webhook").ToString() });
        await bridge.CompleteAsync(first);
        Assert.Equal(150, (await bridge.GetJsonAsync("/api/tasks?limit=1")).GetProperty("total").GetInt32() - 1);
        Assert.Single(bridge.Platform.State.Evaluations);
        FirstOnly.Held.SetResult();
        foreach (var task in others) await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task A_classifier_that_throws_fails_its_task_with_the_cause()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Broken>("broken"));
        Assert.Contains("no such layer", await bridge.FailAsync(await bridge.RequestAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_result_never_leaves_the_bridge()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Stranger>("stranger"));
        var task = await bridge.RequestAsync();
        Assert.Contains("$.scanResults[0].scanId", await bridge.FailAsync(task), StringComparison.Ordinal);
        Assert.Empty(task.Posts);
    }

    /// <summary>Tells its task's settings.</summary>
    sealed class Configured : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary(task.Settings!.ToJsonString());
            return Task.FromResult(results.Build());
        }
    }

    [Fact]
    public async Task Routes_choose_the_classifier_and_its_settings_and_a_task_that_none_takes_fails()
    {
        const string json = """
            {
              "classifiers": { "strict": { "use": "configured", "settings": { "threshold": 0.9, "depth": 1 } } },
              "routes": [ { "stain": "ki67", "classifier": "strict", "settings": { "depth": 2 } }, { "model": "b", "classifier": "boxes" } ]
            }
            """;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Configured>("configured"), json: json);
        AiRequest Request(string stain, string model) => new() { Slides = [TestBridge.RealSlide], Stain = stain, Model = model, Webhook = new Uri(bridge.Address, "/webhook").ToString() };
        var strict = (await bridge.RequestAsync(Request("Ki67", "a"))).Single();
        await bridge.CompleteAsync(strict);
        Assert.Equal("""{"threshold":0.9,"depth":2}""", Assert.Single(bridge.EvaluationsOf(strict)).Result.GetProperty("results").GetProperty("summary").GetString());
        var boxes = (await bridge.RequestAsync(Request("he", "b"))).Single();
        await bridge.CompleteAsync(boxes);
        Assert.Equal("4 boxes", Assert.Single(bridge.EvaluationsOf(boxes)).Result.GetProperty("results").GetProperty("summary").GetString());
        var none = await bridge.FailAsync((await bridge.RequestAsync(Request("he", "a"))).Single());
        Assert.StartsWith("No route matches this task (model a, company ", none, StringComparison.Ordinal);
        Assert.Contains("stains he", none, StringComparison.Ordinal);
    }

    /// <summary>Is made, prepared and disposed once.</summary>
    sealed class Lived(Lived.Diary diary) : IClassifier, IAsyncDisposable
    {
        public sealed class Diary : List<string>;

        public Task WarmUpAsync(CancellationToken cancellationToken)
        {
            diary.Add("warm");
            return Task.CompletedTask;
        }

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            diary.Add("task");
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return Task.FromResult(results.Build());
        }

        public ValueTask DisposeAsync()
        {
            diary.Add("disposed");
            return default;
        }
    }

    [Fact]
    public async Task A_classifier_is_given_its_services_prepared_once_and_disposed()
    {
        var diary = new Lived.Diary();
        await using (var bridge = await TestBridge.StartAsync(classifiers: b =>
        {
            b.Services.AddSingleton(diary);
            b.AddClassifier<Lived>("lived");
        }))
        {
            await bridge.CompleteAsync(await bridge.RequestAsync());
            await bridge.CompleteAsync(await bridge.RequestAsync());
        }
        Assert.Equal(["warm", "task", "task", "disposed"], diary);
    }

    sealed class Slow : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            throw new InvalidOperationException("not reached");
        }
    }

    [Fact]
    public async Task A_classifier_that_takes_too_long_fails_its_task()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.TaskTimeout, "100ms")], classifiers: b => b.AddClassifier<Slow>("slow"));
        Assert.Equal("The classifier slow took longer than 100ms (--task-timeout).", await bridge.FailAsync(await bridge.RequestAsync()));
    }

    [Fact]
    public async Task No_more_tasks_are_classified_at_a_time_than_the_setting_says()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "3")], classifiers: b => b.AddClassifier<Counter>("counter"));
        var tasks = await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Count = 20, Webhook = new Uri(bridge.Address, "/webhook").ToString() });
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(3, Counter.Most);
    }
}
