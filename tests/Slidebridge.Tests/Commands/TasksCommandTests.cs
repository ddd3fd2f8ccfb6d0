using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

/// <summary>The operators' commands, against a bridge that runs.</summary>
public sealed class TasksCommandTests
{
    const string ApiToken = "a-token-of-the-tests-5f2";

    static Task<Ran> TasksAsync(TestBridge bridge, params string[] arguments) => Ran.AsAsync(TasksCommand.Create(), [.. arguments, "--url", bridge.Address.ToString()]);

    [Fact]
    public async Task Tasks_are_listed_in_columns_with_tabs_and_as_JSON()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var (code, told, error) = await TasksAsync(bridge, "list");
        Assert.True(code == 0, error);
        var lines = told.TrimEnd().Split('\n');
        Assert.Equal("task\tstate\taccepted\tcompany\tscans\tnode\tlast error", lines[0].TrimEnd());
        Assert.Equal([$"{task.TaskNumber}", "completed"], lines[1].Split('\t')[..2]);
        Assert.Equal("1 to 1 of 1 task", error.TrimEnd());

        Assert.Equal(1, JsonDocument.Parse((await TasksAsync(bridge, "list", "--json", "--state", "completed")).Out).RootElement.GetProperty("total").GetInt32());
        Assert.Equal("completed", JsonDocument.Parse((await TasksAsync(bridge, "show", $"{task.TaskNumber}", "--json")).Out).RootElement.GetProperty("state").GetString());
        Assert.Contains("1 run, 1 post, 0 crashes; 1 scan", (await TasksAsync(bridge, "show", $"{task.TaskNumber}")).Out, StringComparison.Ordinal);
        var usage = await Ran.AsAsync(UsageCommand.Create(), "--json", "--url", bridge.Address.ToString());
        Assert.Equal("7", JsonDocument.Parse(usage.Out).RootElement[0].GetProperty("company").GetString());
        var byModel = (await Ran.AsAsync(UsageCommand.Create(), "--by", "classifier,day", "--csv", "--url", bridge.Address.ToString())).Out.Split('\n');
        Assert.Equal("classifier,day,tasks,completed,failed,scans,megapixels,classifier_seconds,median_seconds,p95_seconds", byModel[0].TrimEnd());
        Assert.StartsWith("boxes,20", byModel[1], StringComparison.Ordinal);
        var columns = (await Ran.AsAsync(UsageCommand.Create(), "--by", "company,month", "--url", bridge.Address.ToString())).Out.Split('\n');
        Assert.Equal("month\ttasks\tcompleted\tfailed\tscans\tmegapixels\tclassifier s\tmedian s\tp95 s\tcompany", columns[0].TrimEnd());
        Assert.EndsWith("\t7", columns[1].TrimEnd(), StringComparison.Ordinal);
        var wrong = await Ran.AsAsync(UsageCommand.Create(), "--by", "week", "--url", bridge.Address.ToString());
        Assert.Equal((2, "slidebridge: --by: 'week' is not a list of month, day, company, model, classifier, group, each once."), (wrong.Code, wrong.Error.TrimEnd()));
    }

    [Fact]
    public async Task Many_tasks_are_chosen_by_state_model_and_company_and_counted()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400, Times = 3 });
        var webhook = new Uri(bridge.Address, "/webhook").ToString();
        var failed = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Count = 2, Model = "mitosis", Webhook = webhook }))
            .Concat(await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Model = "other", Webhook = webhook })).ToList();
        foreach (var task in failed) await bridge.FailAsync(task);

        var (code, told, error) = await TasksAsync(bridge, "retry", "--state", "failed", "--model", "mitosis", "--company", "7", "--yes");
        Assert.True(code == 0, error);
        Assert.EndsWith("2 of 2 tasks done.", told.TrimEnd(), StringComparison.Ordinal);
        await bridge.UntilAsync(failed[0], "completed");
        await bridge.UntilAsync(failed[1], "completed");
        Assert.Equal("failed", (await bridge.EndAsync(failed[2])).GetProperty("state").GetString());

        Assert.Equal("No task matches.", (await TasksAsync(bridge, "cancel", "--state", "accepted", "--yes")).Out.TrimEnd());
        (code, _, error) = await TasksAsync(bridge, "retry", "--model", "mitosis", "--yes").AsFailure();
        Assert.Equal((2, "--state is missing: choose the tasks to retry, for example with --state failed."), (code, error));
        (code, _, error) = await TasksAsync(bridge, "retry", "5", "--state", "failed").AsFailure();
        Assert.Equal((2, "Name tasks, or choose them with --state and other filters; not both."), (code, error));
    }

    [Fact]
    public async Task A_traceback_keeps_its_lines()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("mine.py"), "import slidebridge\n\n@slidebridge.classifier\ndef mine(task):\n    raise ValueError('Jane Smith')\n", TestContext.Current.CancellationToken);
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "python:" + folder.File("mine.py")), (ServeSettings.Python, Programs.Python.Interpreter)]);
        var task = await bridge.RequestAsync();
        await bridge.FailAsync(task);
        var told = (await TasksAsync(bridge, "show", $"{task.TaskNumber}")).Out.ReplaceLineEndings("\n");
        Assert.Contains("\nits cause:\n  Traceback (most recent call last):\n    File ", told, StringComparison.Ordinal);
        Assert.Contains("mine.py\", line 5, in mine\n", told, StringComparison.Ordinal);
        Assert.Contains("\n  ValueError: Jane Smith\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_wrote_nothing_has_no_empty_cause()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("mine.py"), "import slidebridge\n\n@slidebridge.classifier\ndef mine(task):\n    raise slidebridge.ClassifierError('no tissue')\n", TestContext.Current.CancellationToken);
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Classifier, "python:" + folder.File("mine.py")), (ServeSettings.Python, Programs.Python.Interpreter)]);
        var task = await bridge.RequestAsync();
        await bridge.FailAsync(task);
        Assert.DoesNotContain("its cause", (await TasksAsync(bridge, "show", $"{task.TaskNumber}")).Out, StringComparison.Ordinal);
        Assert.False((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).TryGetProperty("lastCause", out _));
    }

    [Fact]
    public async Task A_rerun_is_asked_for_and_its_result_printed()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var (code, told, error) = await TasksAsync(bridge, "rerun", $"{task.TaskNumber}");
        Assert.True(code == 0, error);
        Assert.StartsWith($"Task {task.TaskNumber}: is classified again; the new result is kept here and not posted.", told, StringComparison.Ordinal);
        while (!(await TasksAsync(bridge, "show", $"{task.TaskNumber}")).Out.Contains("done, not to be posted; its result is kept here", StringComparison.Ordinal)) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(4, JsonDocument.Parse((await TasksAsync(bridge, "result", $"{task.TaskNumber}", "--rerun")).Out).RootElement.GetProperty("caseResults").GetProperty("mitosisCount").GetInt32());
    }

    [Fact]
    public async Task The_file_of_settings_says_where_the_bridge_is_and_its_token()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, ApiToken)]);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("bridge.json"), $$"""{"port": {{bridge.Address.Port}}, "apiToken": "{{ApiToken}}"}""", TestContext.Current.CancellationToken);
        var (code, told, error) = await Ran.AsAsync(TasksCommand.Create(), "list", "--config", folder.File("bridge.json"));
        Assert.True(code == 0, error);
        Assert.StartsWith("task\t", told, StringComparison.Ordinal);
        Assert.Equal(0, (await Ran.AsAsync(UsageCommand.Create(), "--config", folder.File("bridge.json"))).Code);

        // A flag wins over the file.
        (code, _, error) = await Ran.AsAsync(TasksCommand.Create(), "list", "--config", folder.File("bridge.json"), "--api-token", "another-token-of-the-tests").AsFailure();
        Assert.Equal(1, code);
        Assert.Contains("The bridge requires its API token", error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("bridge.json"), $$"""{"url": "http://127.0.0.1:1", "apiToken": "{{ApiToken}}"}""", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await Ran.AsAsync(TasksCommand.Create(), "list", "--config", folder.File("bridge.json"), "--url", bridge.Address.ToString())).Code);
    }
}
