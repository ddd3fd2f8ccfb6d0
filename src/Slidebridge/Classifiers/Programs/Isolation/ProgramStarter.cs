using System.Collections.Concurrent;
using System.Diagnostics;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// Starts processes on one thread that lives as long as the bridge. A sandbox ends with its parent (PR_SET_PDEATHSIG), and for the system the parent is the thread
/// that started it: a thread of the thread pool ends when it has nothing to do.
/// </summary>
static class ProgramStarter
{
    static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Wanted = Begin();

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The process cannot be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Wanted.Add((start, started));
        return started.Task.GetAwaiter().GetResult();
    }

    static BlockingCollection<(ProcessStartInfo, TaskCompletionSource<Process>)> Begin()
    {
        var wanted = new BlockingCollection<(ProcessStartInfo, TaskCompletionSource<Process>)>();
        new Thread(() =>
        {
            foreach (var (start, started) in wanted.GetConsumingEnumerable())
            {
                try
                {
                    started.SetResult(Process.Start(start)!);
                }
                catch (Exception e)
                {
                    started.SetException(e);
                }
            }
        })
        { IsBackground = true, Name = "programs" }.Start();
        return wanted;
    }
}
