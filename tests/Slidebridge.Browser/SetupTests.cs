using Microsoft.Playwright;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Faults;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Browser;

/// <summary>The set-up page: what is checked, and a classifier that is tried.</summary>
public sealed class SetupTests
{
    const string Routes = """{ "routes": [ { "model": "broken", "classifier": "broken" }, { "model": "hanging", "classifier": "hanging" }, { "classifier": "boxes" } ] }""";

    static Task<TestBridge> StartAsync() =>
        SharedBridge.StartAsync(builder => builder.AddClassifier<Broken>("broken").AddClassifier<Hanging>("hanging"), Routes, (ServeSettings.TaskTimeout, "1s"));

    sealed class Broken : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new InvalidOperationException("It has no <b>weights</b>.");
    }

    sealed class Hanging : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new ResultsBuilder().Build();
        }
    }

    [Fact]
    public async Task The_page_shows_what_doctor_finds_and_what_came_of_trying_each_classifier()
    {
        await using var bridge = await StartAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync("/setup");

        // The first look is made by itself.
        var checks = page.Locator("#checks");
        await Assertions.Expect(checks).ToContainTextAsync("127.0.0.1 answers");
        foreach (var line in (string[])["the platform returned a token", "ready after", "SQLite in the data directory", "agrees with the platform's"]) await Assertions.Expect(checks).ToContainTextAsync(line);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Token, Action = FaultAction.Reset, Times = null });
        await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        await Assertions.Expect(checks.Locator("tr", new() { HasText = "127.0.0.1" }).Locator(".health")).ToHaveTextAsync("missing");
        Assert.Equal("look", await page.EvaluateAsync<string>("() => document.activeElement.id"));

        await TryAsync(page, "boxes", "4 objects in ");
        await TryAsync(page, "broken", "The classifier failed with InvalidOperationException: It has no <b>weights</b>.");
        await page.GetByText("Cause", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#trial-cause-0 pre")).ToContainTextAsync("at Slidebridge.Browser.SetupTests.Broken.ClassifyAsync");
        await TryAsync(page, "hanging", "took longer than 1s");
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            Assert.Equal("", await visit.ViolationsAsync());
        }
        await page.SetViewportSizeAsync(360, 740);
        Assert.Equal(360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));

        // No task, no result, nothing on the platform; and a line of the audit log for each trial.
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("tasks").GetArrayLength());
        Assert.Empty(bridge.Platform.State.Evaluations);
        Assert.Equal(["classifier boxes", "classifier broken", "classifier hanging"], (await bridge.AuditAsync(3, line => line.Action == "classifier tried")).Select(line => line.Subject));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(bridge.Data, "work"), "trial-*"));
    }

    static async Task TryAsync(IPage page, string classifier, string outcome)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = $"Try it: {classifier}" }).ClickAsync();
        await Assertions.Expect(page.Locator("#classifiers tr", new() { HasText = classifier }).First).ToContainTextAsync(outcome, new() { Timeout = 20_000 });
    }
}
