using System.Net;
using System.Net.Sockets;

namespace Slidebridge.EndToEnd.Support;

/// <summary>Where the test's files lie.</summary>
static class Files
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of real slides beside the repository; the test is skipped by name where it is missing.</summary>
    public static string SharedSlides
    {
        get
        {
            var slides = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", "svs"));
            Assert.SkipUnless(Directory.Exists(slides), "The real slides (../shared/data/svs) are not beside the repository.");
            return slides;
        }
    }

    public const string RealSlide = "CMU-1-Small-Region.svs";

    /// <summary>A program of the tests, beside the bridge's own files: a sandbox shows those wherever the repository lies.</summary>
    public static string Program(string name) => Path.Combine(AppContext.BaseDirectory, "Programs", name);

    /// <summary>Whether programs of the tests can run.</summary>
    public static bool HasPython => Runs("python3 -c 0");

    /// <summary>Whether programs can be kept in a sandbox here.</summary>
    public static bool HasBubblewrap => Runs("bwrap --bind / / --unshare-pid --proc /proc --dev /dev true");

    /// <summary>Whether an ordinary user can keep programs in a sandbox here.</summary>
    public static bool HasBubblewrapFor(string user) => Runs($"setpriv --reuid {user} --regid {user} --clear-groups bwrap --unshare-user --bind / / --unshare-pid --proc /proc --dev /dev true");

    /// <summary>Makes files and folders another user's.</summary>
    public static void Give(string user, params string[] paths) => Assert.True(Runs($"chown -R {user} {string.Join(' ', paths)}"));

    /// <summary>A port of localhost that nobody uses at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Sends a process a signal, such as <c>TERM</c>, <c>STOP</c> or <c>CONT</c>.</summary>
    public static async Task SignalAsync(int process, string name)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"kill -{name} {process}"]);
        await kill.WaitForExitAsync();
    }

    static bool Runs(string command)
    {
        using var look = System.Diagnostics.Process.Start("/bin/sh", ["-c", command + " 2> /dev/null"]);
        look.WaitForExit();
        return look.ExitCode == 0;
    }

    /// <summary>A new folder, deleted when disposed.</summary>
    public static TemporaryFolder Temporary() => new();

    static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Slidebridge.slnx"))) directory = Path.GetDirectoryName(directory);
        return directory ?? ".";
    }
}

sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("slidebridge-test-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that is being killed may still write; the system's cleaning of its temporary folder takes the rest.
        }
    }
}
