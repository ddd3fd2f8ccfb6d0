using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How much processor time a process has used, with all that it started.</summary>
static class ProcessorTime
{
    /// <summary>USER_HZ, in which proc(5) counts: 100 on every processor that .NET runs on.</summary>
    const double TicksPerSecond = 100;

    /// <summary>Of all its threads; on Linux with those of its children, also of children that have ended and that their parents have waited for. Elsewhere the process alone. Null where it cannot be told.</summary>
    public static TimeSpan? Of(Process root) => OperatingSystem.IsLinux() ? OfFamily(root) : Alone(root);

    // proc(5): utime, stime, cutime and cstime are the fields 14 to 17, of which state is the third.
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
            return null; // It has ended.
        }
    }
}
