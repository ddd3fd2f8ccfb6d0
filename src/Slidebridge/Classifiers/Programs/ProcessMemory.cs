using System.Diagnostics;
using System.Globalization;
using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The memory of a process and its descendants.</summary>
static class ProcessMemory
{
    /// <summary>Resident bytes; pages that several processes share are counted for each. 0 if unknown.</summary>
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
            return 0; // The process has ended.
        }
    }

    // proc(5): the second number in statm is the number of resident pages.
    static long ResidentOf(int id) => ProcessTable.Read(id, "statm")?.Split(' ') is [_, var pages, ..] ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
}
