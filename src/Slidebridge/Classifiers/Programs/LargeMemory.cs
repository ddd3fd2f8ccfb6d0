namespace Slidebridge.Classifiers.Programs;

/// <summary>Memory of large results. The collector leaves it for later; several steps that each need as much would add up.</summary>
static class LargeMemory
{
    /// <summary>In bytes: what is smaller does not matter.</summary>
    const int Large = 8 * 1024 * 1024;

    /// <summary>Gives back what the step before has left, where that was much.</summary>
    public static void Free(long bytes)
    {
        if (bytes > Large) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
