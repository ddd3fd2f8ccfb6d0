using System.Diagnostics;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// Starts programs in bwrap(1): <c>docs/decisions/program-sandbox.md</c>. A program's view of the file system is built in this order; each step overrides
/// the one before:
/// <code>
/// 1. the machine's disk                as it is, or read-only (strict)
/// 2. processes, devices, sockets       only its own processes, no disks, only accelerators, no sockets of the machine's services
/// 3. nothing                           where the bridge keeps its data, its settings and other tasks' tiles
/// 4. its place                         the tiles and slides of its task
/// </code>
/// </summary>
/// <param name="file">The path of bwrap.</param>
/// <param name="options">How programs are started.</param>
/// <param name="ownUsers">In a separate user namespace, which an ordinary user needs.</param>
sealed class Bubblewrap(string file, ProgramOptions options, bool ownUsers)
{
    /// <summary>Devices that classifiers compute on, and never a disk: as root, a program could read the bridge's data from it.</summary>
    static readonly string[] Accelerators = ["nvidia*", "dri", "kfd", "dxg", "accel", "infiniband", "habanalabs*", "hl[0-9]*", "neuron*", "apex_*", "davinci*", "devmm_svm", "hisi_hdc", "tenstorrent"];

    /// <summary>Parts of /run that libraries need: for host names, and the GPU's daemon. Everything else there gives access to services of the machine.</summary>
    static readonly string[] NeededOfRun = ["/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf", "/run/nvidia-persistenced", "/run/opengl-driver", "/run/current-system"];

    /// <summary>What root may do in the sandbox: only access files. Not CAP_DAC_READ_SEARCH, which opens hidden files by their inode number.</summary>
    static readonly string[] OfRoot = ["CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER"];

    /// <summary>What setpriv needs to become another user; it drops all of them.</summary>
    static readonly string[] ToChangeUser = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"];

    static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    static readonly string? Installed = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Where(Path.IsPathRooted).Select(d => Path.Combine(d, "bwrap")).FirstOrDefault(File.Exists);

    /// <summary>Tests whether bwrap works here.</summary>
    /// <returns>The variant that works; or null, and why none does.</returns>
    public static (Bubblewrap? Found, string Why) Find(ProgramOptions options)
    {
        if (!OperatingSystem.IsLinux()) return (null, "bwrap is for Linux only");
        if (Installed is null) return (null, "bwrap is missing: apt-get install bubblewrap");
        var why = "";
        // Root needs no user namespace, except in a container that may not create the other namespaces without one.
        foreach (var ownUsers in Environment.IsPrivilegedProcess ? (bool[])[false, true] : [true])
        {
            var found = new Bubblewrap(Installed, options, ownUsers);
            if (found.Try() is not { } wrong) return (found, "");
            why = wrong;
        }
        return (null, why);
    }

    /// <summary>Whether a program can change to another user inside the sandbox; otherwise it must change before, because its user namespace has only one user.</summary>
    public bool CanChangeUser => !ownUsers;

    /// <summary>The command that precedes the program's own.</summary>
    /// <param name="place">The folders of the program's process.</param>
    /// <param name="visible">Folders of the classifier that the program must see, wherever they are.</param>
    /// <param name="changesUser">The command starts setpriv.</param>
    public IEnumerable<string> Command(ProgramPlace? place, IEnumerable<string> visible, bool changesUser)
    {
        var strict = options.Sandbox is SandboxMode.Strict;
        List<string> all = [file, "--die-with-parent", "--unshare-pid", "--unshare-ipc", .. ownUsers ? (string[])["--unshare-user"] : []];
        if (strict) all.Add("--unshare-net");
        all.AddRange(["--cap-drop", "ALL"]);
        if (!ownUsers) all.AddRange((changesUser ? ToChangeUser : strict ? [] : OfRoot).SelectMany(c => new[] { "--cap-add", c }));

        all.AddRange([strict ? "--ro-bind" : "--bind", "/", "/", "--proc", "/proc", "--ro-bind", "/sys", "/sys", "--dev", "/dev"]);
        foreach (var device in Accelerators.SelectMany(DevicesOf)) all.AddRange(["--dev-bind", device, device]);
        all.AddRange(["--perms", "1777", "--tmpfs", "/dev/shm", "--tmpfs", "/run"]);
        foreach (var needed in NeededOfRun.Where(Path.Exists)) all.AddRange(["--ro-bind", needed, needed]);

        if (strict && place is not null) all.AddRange(["--bind", place.Temporary, "/tmp"]);
        foreach (var seen in visible.Append(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Where(p => p != "/")) all.AddRange(["--ro-bind", seen, seen]);
        var hidden = options.Hidden.Where(Path.Exists).Select(RealPath.Of).Distinct().Order(StringComparer.Ordinal).ToArray();
        foreach (var path in hidden) all.AddRange(Directory.Exists(path) ? ["--perms", "0755", "--tmpfs", path] : ["--ro-bind", "/dev/null", path]);

        foreach (var own in place?.Folders ?? [])
        {
            // The parent folders of its place, if they are inside a hidden folder: bwrap would create them for root only.
            foreach (var step in WayTo(own, hidden.Append("/dev/shm"))) all.AddRange(["--perms", "0755", "--dir", step]);
            all.AddRange(["--bind", own, own]);
        }
        if (place is not null) all.AddRange(["--ro-bind", place.Files, place.Files]);
        // Only after its place was created in them, because later writes there would be lost.
        foreach (var path in hidden.Where(Directory.Exists)) all.AddRange(["--remount-ro", path]);
        all.AddRange(["--chdir", Environment.CurrentDirectory, "--"]);
        return all;
    }

    static IEnumerable<string> WayTo(string folder, IEnumerable<string> hidden)
    {
        if (hidden.FirstOrDefault(h => folder.StartsWith(h + "/", StringComparison.Ordinal)) is not { } from) yield break;
        for (var at = folder.IndexOf('/', from.Length + 1); at > 0; at = folder.IndexOf('/', at + 1)) yield return folder[..at];
    }

    static IEnumerable<string> DevicesOf(string pattern) => Directory.EnumerateFileSystemEntries("/dev", pattern);

    string? Try()
    {
        try
        {
            var command = Command(place: null, [], changesUser: false).Append("/bin/true").ToArray();
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var said = process.StandardError.ReadToEndAsync();
            if (process.WaitForExit(ProbeLimit)) return process.ExitCode == 0 ? null : $"bwrap does not work here: {said.Result.Trim().Split('\n')[0]}";
            process.Kill();
            return "bwrap does not exit";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"bwrap cannot be started: {e.Message}";
        }
    }
}
