using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>
/// Removes what a reader of one slide does not need from this process, if the system supports it: new privileges, unlimited memory, other processes, the network (seccomp, all threads),
/// and every file except the slide and the system's libraries (Landlock, Linux 5.13; the thread that calls the library, and from Landlock 8 on all threads).
/// </summary>
static unsafe class ReaderSandbox
{
    const int NoNewPrivileges = 38, Dumpable = 4, Seccomp = 22;
    const int ResourceCpu = 0, ResourceFileSize = 1, ResourceMemory = 2, ResourceCore = 4, ResourceFiles = 7;
    const ulong MostMemory = 3UL << 30, MostFile = 1UL << 30, MostFiles = 256, SecondsOfACall = 120;

    [StructLayout(LayoutKind.Sequential)]
    struct Limit(ulong soft, ulong hard)
    {
        public ulong Soft = soft, Hard = hard;
    }

    /// <summary>Raises the limit on processor time for the next call, because the previous calls have used some.</summary>
    public static void LimitTime()
    {
        if (!OperatingSystem.IsLinux()) return;
        var used = (ulong)Environment.CpuUsage.TotalTime.TotalSeconds;
        var limit = new Limit(used + SecondsOfACall, ulong.MaxValue);
        _ = setrlimit(ResourceCpu, &limit);
    }

    /// <param name="slide">The slide's file, and the folder of one that is made of several.</param>
    public static void Enter(IReadOnlyList<string> slide)
    {
        if (!OperatingSystem.IsLinux()) return;
        Cap(ResourceFileSize, MostFile);
        Cap(ResourceMemory, MostMemory);
        Cap(ResourceCore, 0);
        Cap(ResourceFiles, MostFiles);
        _ = prctl(Dumpable, 0, 0, 0, 0);
        if (prctl(NoNewPrivileges, 1, 0, 0, 0) != 0) return;
        Landlock.Enter(slide, ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/sys/devices/system/cpu", RuntimeEnvironment.GetRuntimeDirectory()]);
        SeccompFilter.Enter(filter => syscall(SeccompFilter.Call, 1, 1, (nint)filter) == 0 || prctl(Seccomp, 2, (nint)filter, 0, 0) == 0);
    }

    static void Cap(int resource, ulong most)
    {
        var limit = new Limit(most, most);
        _ = setrlimit(resource, &limit);
    }

    [DllImport("libc", SetLastError = true)]
    static extern int prctl(int option, nint a, nint b, nint c, nint d);

    [DllImport("libc", SetLastError = true)]
    static extern int setrlimit(int resource, Limit* limit);

    [DllImport("libc", SetLastError = true)]
    static extern long syscall(long number, nint a, nint b, nint c);
}
