using System.Diagnostics;

namespace Slidebridge.Bench;

/// <summary>The most memory that this process has held, from a moment on.</summary>
static class PeakMemory
{
    /// <summary>In MB.</summary>
    public static double Megabytes => Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;

    /// <summary>What came before, the making of a slide first of all, took more. proc(5), clear_refs: 5 sets the peak back to what is held now.</summary>
    public static void Forget()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
