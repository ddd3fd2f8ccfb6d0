namespace Slidebridge.Classifiers.Programs;

/// <summary>Frees the memory of large results. The garbage collector frees it late, and the memory of several steps would add up.</summary>
static class LargeMemory
{
    /// <summary>In bytes: smaller amounts do not matter.</summary>
    const int Large = 8 * 1024 * 1024;

    /// <summary>Collects the previous step's memory, if it was large.</summary>
    public static void Free(long bytes)
    {
        if (bytes > Large) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
