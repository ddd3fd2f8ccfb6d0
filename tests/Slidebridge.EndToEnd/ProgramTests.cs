using System.Diagnostics;
using System.Globalization;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd;

/// <summary>A real <c>serve</c> and its Python process, each of which is killed or told to stop while they work on a task.</summary>
public sealed class ProgramTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_bridge_leaves_no_process_and_no_memory_behind_and_its_next_start_delivers_once()
    {
        await using var held = await Held.StartAsync();
        var task = await held.RequestAsync();
        var python = await held.PythonAsync();
        var locks = OpenFiles(held.Serve.Id).Where(file => file.StartsWith("/dev/shm/slidebridge-", StringComparison.Ordinal) && file.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(locks);
        await held.Serve.KillAsync();
        await held.UntilAsync(() => !Lives(python));
        held.Go();
        await held.RestartAsync();
        // What the killed one left is deleted at the start. Bridges of other tests may be killed meanwhile, too.
        Assert.DoesNotContain(locks, File.Exists);
        await held.UntilAsync(() => task.Completed);
        Assert.Single(held.Platform.State.Evaluations);
    }

    static IEnumerable<string> OpenFiles(int id) => Directory.EnumerateFiles($"/proc/{id}/fd").Select(link => new FileInfo(link).LinkTarget ?? "");

    [Fact]
    public async Task A_killed_program_is_replaced_and_its_task_tried_again()
    {
        await using var held = await Held.StartAsync();
        var task = await held.RequestAsync();
        var python = await held.PythonAsync();
        using (var process = Process.GetProcessById(python)) process.Kill();
        await held.UntilAsync(() => !Lives(python));
        held.Go();
        await held.UntilAsync(() => task.Completed);
        Assert.Single(held.Platform.State.Evaluations);
        Assert.NotEqual(python, await held.PythonAsync());
        var events = (await held.Serve.GetAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("events").ToString();
        Assert.Contains("rescheduled: The program was killed (SIGKILL", events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_bridge_that_is_told_to_stop_lets_its_program_finish(string signal)
    {
        await using var held = await Held.StartAsync();
        var task = await held.RequestAsync();
        var python = await held.PythonAsync();
        // A terminal's Ctrl-C reaches both.
        if (signal == "INT")
            using (var kill = Process.Start("/bin/kill", ["-INT", $"{python}"])) await kill.WaitForExitAsync(Token);
        await held.Serve.SignalAsync(signal);
        await Task.Delay(300, Token);
        held.Go();
        Assert.Equal(0, await held.Serve.EndAsync(Patience));
        Assert.True(task.Completed);
        Assert.False(Lives(python));
    }

    static bool Lives(int process)
    {
        try
        {
            // One that nobody waits for stays in the table as a zombie.
            return !File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A bridge whose classifier waits for a file.</summary>
    sealed class Held : IAsyncDisposable
    {
        readonly TemporaryFolder folder = Files.Temporary();

        public Platform Platform { get; private set; } = null!;

        public ServeProcess Serve { get; private set; } = null!;

        public static async Task<Held> StartAsync()
        {
            if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
            var held = new Held { Platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token) };
            await held.RestartAsync();
            return held;
        }

        public async Task RestartAsync()
        {
            if (Serve is not null) await Serve.DisposeAsync();
            var classifier = Files.Program("held.py");
            Serve = await ServeProcess.StartAsync(Platform.Address, Path.Combine(folder.Path, "data"), more: ["--classifier", "python:" + classifier, "--concurrency", "1", "--retry-first", "100ms", "--program-env", "HELD_FOLDER"],
                environment: new Dictionary<string, string> { ["HELD_FOLDER"] = folder.Path });
        }

        public async Task<SimulatedTask> RequestAsync() =>
            (await Platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(Serve.Address, "/webhook").ToString() }, Token)).Single();

        /// <summary>The process that works on the task, once it does.</summary>
        public async Task<int> PythonAsync()
        {
            var told = Path.Combine(folder.Path, "pid");
            await UntilAsync(() => File.Exists(told));
            var number = 0;
            await UntilAsync(() => (number = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).FirstOrDefault(IsIts)) > 0);
            return number;
        }

        /// <summary>Its number here: in a sandbox the process counts another.</summary>
        bool IsIts(int process)
        {
            try
            {
                return process > 0 && Lives(process) && File.ReadAllText($"/proc/{process}/comm").StartsWith("python", StringComparison.Ordinal) && File.ReadAllText($"/proc/{process}/environ").Contains("HELD_FOLDER=" + folder.Path, StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        public void Go() => File.WriteAllText(Path.Combine(folder.Path, "go"), "");

        public async Task UntilAsync(Func<bool> holds)
        {
            var begun = Stopwatch.GetTimestamp();
            while (!holds())
            {
                Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, "It takes too long: " + Serve.Output);
                await Task.Delay(20, Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Go();
            await Serve.DisposeAsync();
            await Platform.DisposeAsync();
            folder.Dispose();
        }
    }
}
