using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>
/// A seccomp filter (linux/seccomp.h) for all threads of this process: no network, no new program or process, no access to other processes, no file opened for writing.
/// A refused call fails with EPERM; libraries must expect that any call can fail.
/// </summary>
static unsafe class SeccompFilter
{
    const uint Allow = 0x7fff0000, Refuse = 0x00050000 | 1, Absent = 0x00050000 | 38; // SECCOMP_RET_ERRNO with EPERM, ENOSYS.
    const ushort Load = 0x20, Equal = 0x15, AnyBit = 0x45, AtLeast = 0x35, Return = 0x06;

    [StructLayout(LayoutKind.Sequential)]
    struct Step(ushort code, byte yes, byte no, uint value)
    {
        public ushort Code = code;
        public byte Yes = yes, No = no;
        public uint Value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Program
    {
        public ushort Length;
        public Step* Steps;
    }

    /// <summary>The system call numbers of an architecture.</summary>
    sealed record Numbers(uint Architecture, uint Seccomp, uint CloneOld, uint Clone3, uint OpenAt, uint? Open, uint[] Refused);

    // socket connect accept sendto sendmsg bind listen socketpair fork vfork execve kill ptrace mount umount2 unshare setns process_vm_* open_by_handle_at bpf execveat io_uring_* pidfd_* creat openat2 and the like.
    static readonly Numbers? Own = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => new(0xC000003E, 317, 56, 435, 257, 2,
            [41, 42, 43, 44, 46, 49, 50, 53, 57, 58, 59, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 101, 132, 165, 166, 169, 175, 246, 248, 249, 250, 258, 259, 263, 264, 265, 266, 272, 288, 298, 303, 304, 307, 308, 310, 311, 313, 316, 320, 321, 322, 323, 424, 425, 426, 427, 434, 437, 438, 440]),
        Architecture.Arm64 => new(0xC00000B7, 277, 220, 435, 56, null,
            [33, 34, 35, 36, 37, 38, 40, 39, 53, 54, 97, 117, 129, 198, 199, 200, 201, 202, 203, 206, 211, 221, 242, 265, 268, 270, 271, 272, 273, 276, 280, 281, 282, 294, 424, 425, 426, 427, 434, 437, 438, 440]),
        _ => null,
    };

    /// <summary>The number of the system call that installs a filter.</summary>
    public static long Call => Own is { } own ? own.Seccomp : -1;

    public static bool Enter(Func<nint, bool> set)
    {
        if (Own is not { } own) return false;
        var steps = new List<Step>
        {
            new(Load, 0, 0, 4), // The architecture: a call with another architecture's numbers is refused.
            new(Equal, 1, 0, own.Architecture),
            new(Return, 0, 0, Refuse),
            new(Load, 0, 0, 0), // The system call's number.
            new(AtLeast, 0, 1, 0x40000000), // The numbers of x32 on x64.
            new(Return, 0, 0, Refuse),
            new(Equal, 0, 1, own.Clone3), // A filter cannot read its arguments, which lie in memory. The C library then uses clone.
            new(Return, 0, 0, Absent),
            // clone: only for threads (CLONE_THREAD).
            new(Equal, 0, 4, own.CloneOld),
            new(Load, 0, 0, 16),
            new(AnyBit, 1, 0, 0x00010000),
            new(Return, 0, 0, Refuse),
            new(Return, 0, 0, Allow),
        };
        AddOpen(steps, own.OpenAt, argument: 2);
        if (own.Open is { } open) AddOpen(steps, open, argument: 1);
        foreach (var number in own.Refused)
        {
            steps.Add(new(Equal, 0, 1, number));
            steps.Add(new(Return, 0, 0, Refuse));
        }
        steps.Add(new(Return, 0, 0, Allow));
        fixed (Step* all = CollectionsMarshal.AsSpan(steps))
        {
            var program = new Program { Length = (ushort)steps.Count, Steps = all };
            return set((nint)(&program));
        }
    }

    // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND.
    static void AddOpen(List<Step> steps, uint number, uint argument) => steps.AddRange([
        new(Equal, 0, 4, number),
        new(Load, 0, 0, 16 + argument * 8),
        new(AnyBit, 0, 1, 0x00000643 | 0x0400),
        new(Return, 0, 0, Refuse),
        new(Return, 0, 0, Allow),
    ]);
}
