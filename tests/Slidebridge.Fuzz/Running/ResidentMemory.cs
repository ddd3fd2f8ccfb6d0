using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Slidebridge.Fuzz.Running;

/// <summary>The most memory this process had resident, native memory too.</summary>
static partial class ResidentMemory
{
    public static long Peak
    {
        get
        {
            if (!OperatingSystem.IsLinux()) return Process.GetCurrentProcess().PeakWorkingSet64;
            Span<long> usage = stackalloc long[18];
            // ru_maxrss, in kilobytes, follows two times of two words each. getrusage(2).
            return GetResourceUsage(0, ref usage[0]) == 0 ? usage[4] * 1024 : 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, ref long usage);
}
