using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Execution;

namespace Slidebridge.Tests.Classifiers;

public sealed class RunLogTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    static void Write(RunLog log, string line, LogLevel level = LogLevel.Information, Exception? exception = null) => log.Log(level, 0, line, exception, (text, _) => text);

    [Fact]
    public void Each_line_has_its_time_and_an_exception_its_own_lines()
    {
        var log = new RunLog(null, new FakeTimeProvider(Noon));
        Write(log, "12 tiles");
        Write(log, "it failed", LogLevel.Error, new InvalidOperationException("no tissue"));
        Assert.StartsWith("12:00:00.000 12 tiles\n12:00:00.000 it failed\nSystem.InvalidOperationException: no tissue", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_more_than_is_kept_the_last_lines_stay()
    {
        var log = new RunLog(null, new FakeTimeProvider(Noon));
        for (var i = 0; i < 10_000; i++) Write(log, $"line {i}");
        var text = log.ToString();
        Assert.StartsWith("…\n", text, StringComparison.Ordinal);
        Assert.EndsWith("line 9999\n", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 60_000, 66_000);
    }

    [Fact]
    public void A_line_is_cut_and_does_not_push_the_others_out()
    {
        var log = new RunLog(null, new FakeTimeProvider(Noon));
        Write(log, "first");
        Write(log, new string('x', 1_000_000));
        Assert.StartsWith("12:00:00.000 first\n", log.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("x…\n", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_reach_the_nodes_log_only_where_that_is_asked_for_and_details_never()
    {
        var node = new Lines();
        var log = new RunLog(node, new FakeTimeProvider(Noon));
        Write(log, "of no interest", LogLevel.Debug);
        Write(log, "seen");
        Assert.Equal(["seen"], node.Seen);
        Assert.Contains("of no interest", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_many_threads_are_all_kept()
    {
        var log = new RunLog(null, new FakeTimeProvider(Noon));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++) Write(log, $"{thread}-{i}");
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(800, log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    sealed class Lines : ILogger
    {
        public List<string> Seen { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Seen.Add(formatter(state, exception));
    }
}
