using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Tests.Programs;

/// <summary>What is told of a program that says nothing.</summary>
public sealed partial class SilenceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ctypes.PyDLL(None).sleep(60)", false)]
    [InlineData("all(True for _ in iter(int, 1))", true)]
    [InlineData("subprocess.run([sys.executable, '-c', 'while True: pass'])", true)] // It waits; its child works.
    public async Task A_silent_program_is_told_with_what_its_processes_do_and_lives(string work, bool works)
    {
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        await using var program = await StartAsync(host, $"import ctypes, subprocess, sys; print('{{\"type\":\"ready\"}}', flush=True); {work}");
        var log = new Lines();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = new SilenceLog(program, TimeSpan.FromMilliseconds(250), log).WatchAsync(enough.Token);
        await log.Read.ReadAsync(Token); // While it begins to work, or to wait.
        int percent, lines = 0;
        do
        {
            var line = await log.Read.ReadAsync(Token);
            var told = Told().Match(line);
            Assert.True(told.Success, line);
            // The sum over processes has no meaning while one of them ends: then the line has no share.
            percent = told.Groups[1].Success ? int.Parse(told.Groups[1].Value) : 0;
        }
        while (works && percent <= 1 && ++lines < 8); // It may take a while to begin.
        Assert.Equal(works, percent > 1);
        Assert.False(program.HasEnded);
        await enough.CancelAsync();
        await watching;
        program.Kill("is no longer used");
    }

    [Fact]
    public async Task Processor_time_of_children_that_have_ended_counts()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("only Linux tells of children");
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        await using var program = await StartAsync(host, """
            import subprocess, sys, time
            subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"])
            print('{"type":"ready"}', flush=True)
            time.sleep(60)
            """);
        Assert.InRange(program.ProcessorTime!.Value, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
        program.Kill("is no longer used");
    }

    static async Task<ProgramProcess> StartAsync(ProgramHost host, string script)
    {
        var program = ProgramProcess.Start(host, ProgramCommand.Of(Python.Interpreter, ["-c", script], new Dictionary<string, string>()), memory: null);
        using var ready = await program.HearAsync(Token);
        Assert.NotNull(ready);
        return program;
    }

    [GeneratedRegex("^The program has written no message for [0-9.]+s. Its process is alive(?: and used ([0-9]+) % of a core in the last [0-9]+s)?. Silence does not stop a program; --task-timeout limits the task$")]
    private static partial Regex Told();

    sealed class Lines : ILogger
    {
        readonly Channel<string> lines = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Read => lines.Reader;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Writer.TryWrite(formatter(state, exception));
    }
}
