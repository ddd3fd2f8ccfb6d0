namespace Slidebridge.EndToEnd.Support;

/// <summary>A wall clock of a process's own that can be set ahead or back while it runs, by libfaketime. Its monotonic clock goes on.</summary>
sealed class SteppedClock
{
    readonly string file;

    SteppedClock(string file) => this.file = file;

    /// <summary>Gives the node, which has not started yet, such a clock; the test is skipped by name where there is no libfaketime.</summary>
    public static SteppedClock Of(LoneNode node)
    {
        string[] roots = Directory.Exists("/usr/lib") ? ["/usr/lib", .. Directory.GetDirectories("/usr/lib", "*-linux-gnu")] : [];
        var library = roots.Select(root => Path.Combine(root, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(library is null, "libfaketime is not installed (Debian package faketime).");
        var clock = new SteppedClock(Path.Combine(node.Folder, "clock"));
        clock.Set(TimeSpan.Zero);
        node.Environment["LD_PRELOAD"] = library;
        node.Environment["FAKETIME_TIMESTAMP_FILE"] = clock.file;
        node.Environment["FAKETIME_NO_CACHE"] = "1";
        node.Environment["DONT_FAKE_MONOTONIC"] = "1";
        // .NET's condition variables are monotonic: taken for others, each of their waits would end at once.
        node.Environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
        return clock;
    }

    /// <summary>Sets it so far from the machine's.</summary>
    public void Set(TimeSpan ahead)
    {
        // By a rename, for it is read at every look at the clock.
        File.WriteAllText(file + ".new", FormattableString.Invariant($"{ahead.TotalSeconds:+0;-0;+0}\n"));
        File.Move(file + ".new", file, overwrite: true);
    }
}
