using Slidebridge.Security;

namespace Slidebridge.Commands;

/// <summary>A logger that writes to a command's user: a classifier's log and a program's output.</summary>
sealed class LineLogger(Action<string> tell) : ILogger
{
    /// <summary>A terminal obeys control characters, so they are removed from a program's words.</summary>
    void Write(string text) => tell(PlainText.Lines(text));

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Write(logLevel >= LogLevel.Warning ? $"{logLevel.ToString().ToLowerInvariant()}: {formatter(state, exception)}" : formatter(state, exception));
        if (exception is not null) Write(exception.ToString());
    }
}
