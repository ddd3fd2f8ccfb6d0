using System.Diagnostics;
using System.Globalization;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How much memory a process holds, with all that it started.</summary>
static class ProcessMemory
{
    /// <summary>Resident bytes; pages that several share are counted for each. 0 where it cannot be told.</summary>
    public static long Of(Process root) => OperatingSystem.IsLinux() ? ProcessFamily.Of(root).Keys.Sum(ResidentOf) : Alone(root);

    static long Alone(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // It has ended.
        }
    }

    // proc(5): the second number of statm is the resident pages.
    static long ResidentOf(int id) => ProcessFamily.Read(id, "statm")?.Split(' ') is [_, var pages, ..] ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
}
