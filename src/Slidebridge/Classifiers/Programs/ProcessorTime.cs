using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The CPU time of a process and its descendants.</summary>
static class ProcessorTime
{
    /// <summary>USER_HZ, the unit of proc(5): 100 per second on every processor that .NET runs on.</summary>
    const double TicksPerSecond = 100;

    /// <summary>Of all threads; on Linux also of its children, including ended children that their parents have waited for. On other systems only of the process. Null if unknown.</summary>
    public static TimeSpan? Of(Process root) => OperatingSystem.IsLinux() ? OfFamily(root) : Alone(root);

    // proc(5): utime, stime, cutime and cstime are the fields 14 to 17; state is the third.
    static TimeSpan? OfFamily(Process root) => ProcessFamily.Of(root).Values is var all && all.Any()
        ? TimeSpan.FromSeconds(all.Sum(stat => stat[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture))) / TicksPerSecond)
        : null;

    static TimeSpan? Alone(Process process)
    {
        try
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return null; // The process has ended.
        }
    }
}
