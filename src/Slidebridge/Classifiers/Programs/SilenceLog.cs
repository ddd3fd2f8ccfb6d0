using System.Globalization;
using Slidebridge.Units;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// Writes into a task's log that its program has been silent for a while, and what the program's processes do. Silence does not stop a program: a C function that holds Python's interpreter lock,
/// a compiler or a solver writes nothing for minutes. <c>--task-timeout</c> stops a program that does not end (docs/decisions/programs.md).
/// </summary>
/// <param name="program">The program.</param>
/// <param name="first">The silence before the first log line; each further line comes after twice as long.</param>
/// <param name="logger">The task's logger.</param>
sealed partial class SilenceLog(ProgramProcess program, TimeSpan first, ILogger logger)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(30);

    /// <summary>Watches until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var due = first;
        while (!cancellationToken.IsCancellationRequested)
        {
            var (used, began) = (program.ProcessorTime, System.Diagnostics.Stopwatch.GetTimestamp());
            await Task.Delay(due > program.SilentFor ? due - program.SilentFor : TimeSpan.FromMilliseconds(1), cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            var (silent, watched) = (program.SilentFor, System.Diagnostics.Stopwatch.GetElapsedTime(began));
            if (cancellationToken.IsCancellationRequested || program.HasEnded) return;
            if (silent < due)
            {
                due = first;
                continue;
            }
            LogSilence(logger, Text(silent), Share(used, watched));
            due = silent * 2;
        }
    }

    /// <summary>What the process does, as a clause.</summary>
    string Share(TimeSpan? before, TimeSpan watched) => program.ProcessorTime is { } after && before is { } used && after >= used
        ? string.Create(CultureInfo.InvariantCulture, $"is alive and used {(after - used) / watched:P0} of a core in the last {Text(watched)}")
        : "is alive";

    static string Text(TimeSpan time) => Duration.Text(TimeSpan.FromSeconds(Math.Max(1, Math.Round(time.TotalSeconds))));

    [LoggerMessage(233, LogLevel.Information, "The program has written no message for {Silence}. Its process {Does}. Silence does not stop a program; --task-timeout limits the task")]
    static partial void LogSilence(ILogger logger, string silence, string does);
}
