using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>Linux's Landlock (linux/landlock.h): restricts which files this process may open from now on. Does nothing if the kernel does not support Landlock.</summary>
static unsafe class Landlock
{
    const long CreateRuleset = 444, AddRule = 445, RestrictSelf = 446; // The same on all architectures.
    const ulong Execute = 1, ReadFile = 1 << 2, ReadFolder = 1 << 3;
    const int PathOnly = 0x200000, CloseOnExec = 0x80000; // O_PATH, O_CLOEXEC

    // The rights that each version knows: an unknown right is an error.
    static readonly ulong[] RightsOf = [(1UL << 13) - 1, (1UL << 14) - 1, (1UL << 15) - 1, (1UL << 15) - 1, (1UL << 16) - 1];

    [StructLayout(LayoutKind.Sequential)]
    struct Ruleset
    {
        public ulong Files, Network, Scoped;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    struct PathBeneath
    {
        public ulong Allowed;
        public int Parent;
    }

    public static bool Enter(IEnumerable<string> readable, IEnumerable<string> libraries)
    {
        var version = (int)syscall(CreateRuleset, 0, 0, 1, 0);
        if (version < 1) return false;
        var ruleset = new Ruleset { Files = RightsOf[Math.Min(version, RightsOf.Length) - 1], Network = version >= 4 ? 3UL : 0, Scoped = version >= 6 ? 3UL : 0 };
        var size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
        var handle = (int)syscall(CreateRuleset, (nint)(&ruleset), size, 0, 0);
        if (handle < 0) return false;
        foreach (var path in readable) Allow(handle, path, ReadFile | ReadFolder);
        foreach (var path in libraries) Allow(handle, path, ReadFile | ReadFolder | Execute);
        // From version 8 on, for all threads (LANDLOCK_RESTRICT_SELF_TSYNC).
        return syscall(RestrictSelf, handle, version >= 8 ? 1 << 3 : 0, 0, 0) == 0 || syscall(RestrictSelf, handle, 0, 0, 0) == 0;
    }

    static void Allow(int ruleset, string path, ulong rights)
    {
        var file = open(path, PathOnly | CloseOnExec);
        if (file < 0) return;
        var beneath = new PathBeneath { Allowed = Directory.Exists(path) ? rights : rights & ~ReadFolder, Parent = file };
        _ = syscall(AddRule, ruleset, 1, (nint)(&beneath), 0);
        _ = close(file);
    }

    [DllImport("libc", SetLastError = true)]
    static extern long syscall(long number, nint a, nint b, nint c, nint d);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi)]
    static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    static extern int close(int file);
}
