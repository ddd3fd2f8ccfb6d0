using System.Globalization;
using System.Text;

namespace Slidebridge.Execution;

/// <summary>
/// The log of one run's classifier: every line is stored with the task; only the last ones if there are too many. A classifier's
/// words may name a patient, so they go to the node's log, and from there to a collector, only with <c>--classifier-log node</c>. A
/// program's stderr never goes there.
/// </summary>
/// <param name="node">The node's log; null if nothing goes there.</param>
/// <param name="time">The time of each line.</param>
sealed class RunLog(ILogger? node, TimeProvider time) : ILogger
{
    /// <summary>Maximum characters that are stored.</summary>
    public const int Most = 64 * 1024;

    const int LongestLine = 4000;

    readonly Queue<string> lines = [];
    int length;
    bool cut;

    /// <summary>The stored text; empty if nothing was written.</summary>
    public override string ToString()
    {
        lock (lines)
        {
            return new StringBuilder(cut ? "…\n" : "").AppendJoin("", lines).ToString();
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => node?.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel is not (LogLevel.None or LogLevel.Trace);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        Add($"{formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");
        if (logLevel >= LogLevel.Information) node?.Log(logLevel, eventId, state, exception, formatter);
    }

    void Add(string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():HH:mm:ss.fff} {(text.Length > LongestLine ? text[..LongestLine] + "…" : text)}\n");
        lock (lines)
        {
            lines.Enqueue(line);
            length += line.Length;
            while (length > Most)
            {
                length -= lines.Dequeue().Length;
                cut = true;
            }
        }
    }
}
