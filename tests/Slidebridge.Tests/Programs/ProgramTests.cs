using System.IO.Hashing;
using System.Text.Json;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Slides;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>Classifiers that are programs, through a whole bridge and the platform's stand-in.</summary>
public sealed class ProgramTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static Task<TestBridge> StartAsync(string classifier, params (Setting, string)[] settings) =>
        TestBridge.StartAsync([(ServeSettings.Classifier, classifier), (ServeSettings.Python, Python.Interpreter), (ServeSettings.Concurrency, "1"), .. settings]);

    static async Task<SimulatedTask> RequestAsync(TestBridge bridge, string? model = null, int slides = 1) => (await bridge.RequestAsync(new AiRequest
    {
        Slides = [.. Enumerable.Repeat(TestBridge.RealSlide, slides)],
        Model = model ?? "any",
        Webhook = new Uri(bridge.Address, "/webhook").ToString(),
    })).Single();

    static string SummaryOf(SimulatedEvaluation evaluation) => evaluation.Result.GetProperty("results").GetProperty("summary").GetString()!;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Python_sees_the_tiles_that_the_bridge_decodes(bool numpy)
    {
        await using var bridge = await StartAsync("python:" + Python.File("tiles.py"), (ServeSettings.Python, numpy ? Python.WithNumpyInterpreter : Python.Interpreter));
        var task = await RequestAsync(bridge);
        await bridge.CompleteAsync(task);
        var report = Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results");

        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var expected = new Dictionary<string, (uint, double, double)>();
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 200, Height = 200, Mpp = 0.9, Overlap = 20 }, Token))
            using (tile) expected[$"{tile.Column},{tile.Row}"] = (Crc32.HashToUInt32(tile.Pixels.Span), tile.X, tile.Y);
        Assert.Equal(expected, report.GetProperty("tiles").EnumerateObject().ToDictionary(t => t.Name, t => (t.Value[0].GetUInt32(), t.Value[1].GetDouble(), t.Value[2].GetDouble())));
        var region = await slide.ReadRegionAsync(new Region(0, 100, 50, 64, 32), cancellationToken: Token);
        Assert.Equal(Crc32.HashToUInt32(region.Pixels), report.GetProperty("region").GetUInt32());
        Assert.Equal("49492a00", report.GetProperty("start").GetString());
        Assert.Equal((await TissueMask.DetectAsync(slide, cancellationToken: Token)).Regions.Count, report.GetProperty("tissue").GetInt32());
        Assert.Contains("what is printed stays with the task", await bridge.Http.GetStringAsync(new Uri($"/api/tasks/{task.TaskNumber}/log", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_type_of_report_is_built_in_Python_and_taken_by_the_platform()
    {
        await using var bridge = await StartAsync("python:" + Python.File("reports.py"));
        var task = await RequestAsync(bridge, slides: 7);
        await bridge.CompleteAsync(task);
        Assert.Equal(7, bridge.EvaluationsOf(task).Length);
    }

    [Fact]
    public async Task The_developer_kits_function_runs_unchanged_once_a_scan_and_its_server_does_not()
    {
        await using var bridge = await StartAsync("devkit:" + Python.File("webserver.py"));
        var task = await RequestAsync(bridge, slides: 2);
        await bridge.CompleteAsync(task);
        var found = bridge.EvaluationsOf(task);
        Assert.Equal(2, found.Length);
        Assert.All(found, e => Assert.Equal($".svs of {new FileInfo(SharedFiles.CmuSmallRegion).Length} bytes, task {task.TaskId}", SummaryOf(e)));
        var log = await bridge.Http.GetStringAsync(new Uri($"/api/tasks/{task.TaskNumber}/log", UriKind.Relative), Token);
        Assert.Contains("caseResults.scan differs between scans", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_programs_process_lives_on_from_task_to_task()
    {
        // Times that no timer can wait for are as good as for ever.
        await using var bridge = await StartAsync($"exec:{Python.Interpreter} '{Python.File("odd.py")}'", (ServeSettings.TaskTimeout, "300d"), (ServeSettings.StartTimeout, "300d"));
        var (first, second) = (await RequestAsync(bridge), await RequestAsync(bridge));
        await bridge.CompleteAsync(first);
        await bridge.CompleteAsync(second);
        Assert.Equal(SummaryOf(Assert.Single(bridge.EvaluationsOf(first))), SummaryOf(Assert.Single(bridge.EvaluationsOf(second))));
    }

    static string Odd(string mark, int processes) => JsonSerializer.Serialize(new
    {
        classifiers = new { odd = new { use = $"exec:{Python.Interpreter} '{Python.File("odd.py")}'", processes, settings = new { mark } } },
        routes = new[] { new { classifier = "odd" } },
    });

    [Fact]
    public async Task Several_processes_work_on_several_tasks_at_a_time()
    {
        using var folder = new TemporaryFolder();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "2")], json: Odd(folder.Path, processes: 2));
        var tasks = new[] { await RequestAsync(bridge, "meets"), await RequestAsync(bridge, "meets") };
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(2, tasks.Select(t => SummaryOf(Assert.Single(bridge.EvaluationsOf(t)))).Distinct().Count());
    }

    [Fact]
    public async Task A_busy_program_leaves_places_to_other_classifiers()
    {
        using var folder = new TemporaryFolder();
        var json = Odd(folder.File("mark"), processes: 1).Replace("[{", """[{"model":"other","classifier":"boxes"},{""", StringComparison.Ordinal);
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "2")], json: json);
        var waiting = new List<SimulatedTask>();
        for (var i = 0; i < 12; i++) waiting.Add(await RequestAsync(bridge, "waits")); // More than there are places.
        var other = await RequestAsync(bridge, "other");
        await bridge.CompleteAsync(other);
        Assert.All(waiting, task => Assert.Empty(bridge.EvaluationsOf(task)));
        await File.WriteAllTextAsync(folder.File("mark"), "", Token);
        foreach (var task in waiting) await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task What_a_program_says_may_pass_is_tried_again()
    {
        using var folder = new TemporaryFolder();
        await using var bridge = await TestBridge.StartAsync(json: Odd(folder.File("mark"), processes: 1));
        var task = await RequestAsync(bridge, "later");
        var ended = await bridge.CompleteAsync(task);
        Assert.Contains("rescheduled: The program cannot classify this task: the licence server is away", ended.GetProperty("events").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leaves-workers", "The program ended with code 3.")]
    [InlineData("hangs-with-workers", "took longer than 500ms (--task-timeout).")] // It does not read that it is cancelled.
    public async Task What_a_program_has_started_ends_with_it(string how, string why)
    {
        using var folder = new TemporaryFolder();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.CrashLimit, "1"), (ServeSettings.TaskTimeout, "500ms")], json: Odd(folder.File("mark"), processes: 1));
        Assert.Contains(why, await bridge.FailAsync(await RequestAsync(bridge, how)), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("mark")));
        while (Directory.EnumerateDirectories("/proc").Any(p => HasArgument(p, folder.File("mark")))) await Task.Delay(10, Token);
    }

    /// <summary>Whether a process was started with a text. Its number would not tell: in a sandbox it is counted anew.</summary>
    static bool HasArgument(string process, string text)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(text, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // No process, or one that has just ended.
        }
    }

    [Theory]
    [InlineData("fails", "The program cannot classify this task: no tumour bed was found")]
    [InlineData("dies", "The program ended with code 3. The program's last output was: the model is dies")]
    [InlineData("ends", "The program ended without a result (code 0).")]
    [InlineData("killed", "The program was killed (SIGKILL: by the system because memory ran out, or by a user). The program's last output was: the model is killed")]
    [InlineData("endless", "took longer than 3s (--task-timeout).")]
    [InlineData("greedy", "MB of memory, more than its limit of 150 MB (--program-memory)")]
    [InlineData("rubbish", "not a message of the protocol: 'Loading weights: 100%'. The program must print everything else to stderr.")]
    [InlineData("stranger", "a message of a type that is not in the protocol: 'dance'.")]
    [InlineData("other-scan", "$.scanResults[0].scanId")]
    [InlineData("no-results", "The program sent a result without 'results'.")]
    [InlineData("no-task-id", "The program sent a message that breaks the protocol: 'taskId' is missing")]
    [InlineData("surrogate", "The program cannot classify this task: cannot open caf\\udce9.svs")]
    [InlineData("wrong-slot", "'free' names a slot without a batch.")]
    public async Task A_program_that_misbehaves_fails_its_task_and_the_next_one_runs(string how, string why)
    {
        await using var bridge = await StartAsync(
            $"exec:{Python.Interpreter} '{Python.File("odd.py")}'", (ServeSettings.TaskTimeout, how == "endless" ? "3s" : "30s"), (ServeSettings.ProgramMemory, "150MB"), (ServeSettings.RetryFirst, "1ms"), (ServeSettings.RetryLongest, "2ms"));
        Assert.Contains(why, await bridge.FailAsync(await RequestAsync(bridge, how)), StringComparison.Ordinal);
        var next = await RequestAsync(bridge);
        await bridge.CompleteAsync(next);
        Assert.Single(bridge.EvaluationsOf(next));
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("talks-on")]
    [InlineData("late-progress")]
    public async Task What_a_program_says_after_its_last_word_does_nothing_to_the_next_task(string how)
    {
        await using var bridge = await StartAsync($"exec:{Python.Interpreter} '{Python.File("odd.py")}'");
        foreach (var model in new[] { how, "any" })
        {
            var task = await RequestAsync(bridge, model);
            await bridge.CompleteAsync(task);
            Assert.Single(bridge.EvaluationsOf(task));
        }
    }

    [Theory]
    [InlineData("late")] // It begins with an answer to the task before.
    [InlineData("large")] // Its heartbeats wait while a line is written.
    [InlineData("silent")] // For many times as long as it promised.
    public async Task A_program_is_heard_to_the_end_of_its_answer(string how)
    {
        await using var bridge = await StartAsync($"exec:{Python.Interpreter} '{Python.File("odd.py")}'", (ServeSettings.CrashLimit, "1"), (ServeSettings.PlatformTimeout, "20s")); // The platform's stand-in needs a while for the large answer on a machine with other work.
        var task = await RequestAsync(bridge, how);
        await bridge.CompleteAsync(task);
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_task_has_the_time_of_a_task_and_no_more()
    {
        var json = JsonSerializer.Serialize(new
        {
            classifiers = new { deaf = new { use = """exec:echo '{"type":"ready","heartbeat":0.1}' && sleep 60""", settings = new { more_than_a_pipe_holds = new string('x', 300_000) } } },
            routes = new[] { new { classifier = "deaf" } },
        });
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.CrashLimit, "1"), (ServeSettings.TaskTimeout, "500ms")], json: json);
        Assert.Equal("The classifier deaf took longer than 500ms (--task-timeout).", await bridge.FailAsync(await RequestAsync(bridge)));
    }

    [Fact]
    public async Task A_line_without_an_end_takes_little_memory()
    {
        var lines = new List<string>();
        await foreach (var line in CutLines.ReadAsync(new StringReader("a\r\n\nb\r" + new string('x', 1_000_000) + "\nc"))) lines.Add(line);
        Assert.Equal(["a", "", "b", new string('x', 4096), "c"], lines);
    }

    [Fact]
    public void What_a_program_wrote_stays_with_its_task()
    {
        var failure = TaskFailure.Of(new ProtocolBrokenException("It wrote rubbish", ": 'Doe, Jane'"));
        Assert.Equal(("It wrote rubbish: 'Doe, Jane'", "It wrote rubbish; the task's last error quotes it."), (failure.Message, failure.LogMessage));
    }

    [Fact]
    public async Task What_a_program_asks_for_is_checked_before_memory_is_taken()
    {
        await using var bridge = await StartAsync($"exec:{Python.Interpreter} '{Python.File("odd.py")}'");
        var task = await RequestAsync(bridge, "huge-batch");
        await bridge.CompleteAsync(task);
        Assert.StartsWith("request: A batch of 4096 tiles of 16384×16384 needs", SummaryOf(Assert.Single(bridge.EvaluationsOf(task))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_is_told_to_end_a_cancelled_task_and_takes_the_next_one()
    {
        await using var bridge = await StartAsync($"exec:{Python.Interpreter} '{Python.File("odd.py")}'");
        var before = await RequestAsync(bridge);
        await bridge.CompleteAsync(before);
        var task = await RequestAsync(bridge, "polite");
        while ((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("state").GetString() != "running") await Task.Delay(10, Token);
        (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token)).EnsureSuccessStatusCode();
        var next = await RequestAsync(bridge);
        await bridge.CompleteAsync(next);
        Assert.Empty(bridge.EvaluationsOf(task));
        Assert.Equal(SummaryOf(Assert.Single(bridge.EvaluationsOf(before))), SummaryOf(Assert.Single(bridge.EvaluationsOf(next)))); // The same process.
    }

    [Fact]
    public async Task Tasks_wait_for_a_program_that_does_not_start_and_its_last_words_are_told()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("mine.py");
        await File.WriteAllTextAsync(file, "import no_such_module", Token);
        await using var bridge = await StartAsync("python:" + file);
        var task = await RequestAsync(bridge);
        JsonElement told;
        while (!(told = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).TryGetProperty("lastError", out _)) await Task.Delay(10, Token);
        Assert.Contains("does not start: The program ended with code 1 before it was ready: ModuleNotFoundError: No module named 'no_such_module' for ", told.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.EndsWith($"({file}, line 1).", told.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.Contains("no_such_module", await (await bridge.GetAsync("/health/ready")).Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        File.Copy(Python.File("reports.py"), file, overwrite: true);
        await bridge.CompleteAsync(task);
        Assert.Equal(200, (int)(await bridge.GetAsync("/health/ready")).StatusCode);
    }

    [Theory]
    [InlineData("fails", "the program ended with code 1: the model file is missing")]
    [InlineData("nothing", "The program ended with code 0, but wrote no result to the file that SLIDEBRIDGE_RESULT names.")]
    [InlineData("rubbish", "invalid JSON at line 1")]
    public async Task A_script_that_runs_once_a_task_and_fails_says_why(string how, string why)
    {
        await using var bridge = await StartAsync($"one-shot:{Python.Interpreter} '{Python.File("one_shot.py")}'");
        Assert.Contains(why, await bridge.FailAsync(await RequestAsync(bridge, how)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat", "wrote no result")] // It reads its input, which is empty.
    [InlineData("false || exit 3", "the program ended with code 3")]
    [InlineData("CODE=4 sh -c 'exit $CODE'", "the program ended with code 4")]
    public async Task A_script_is_what_a_shell_makes_of_it(string command, string why)
    {
        await using var bridge = await StartAsync("one-shot:" + command);
        Assert.Contains(why, await bridge.FailAsync(await RequestAsync(bridge)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_script_writes_as_it_begins_is_kept_with_its_task()
    {
        await using var bridge = await StartAsync("one-shot:echo first words >&2; exit 3");
        var task = await RequestAsync(bridge);
        await bridge.FailAsync(task);
        Assert.Contains("first words", await bridge.Http.GetStringAsync(new Uri($"/api/tasks/{task.TaskNumber}/log", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_reads_a_task_file_and_writes_a_result_file()
    {
        await using var bridge = await StartAsync($"one-shot:{Python.Interpreter} '{Python.File("one_shot.py")}'");
        var task = await RequestAsync(bridge);
        await bridge.CompleteAsync(task);
        Assert.Equal($"2220 x 2967, {new FileInfo(SharedFiles.CmuSmallRegion).Length} bytes", SummaryOf(Assert.Single(bridge.EvaluationsOf(task))));
    }
}
