using System.Diagnostics;

namespace Slidebridge.Tests.Support;

/// <summary>A small file system in memory, for what happens when a disk is full. The test is skipped where none can be mounted.</summary>
sealed class TemporaryDisk : IDisposable
{
    readonly TemporaryFolder folder = new();

    public string Path => folder.Path;

    public static TemporaryDisk Mount(long bytes)
    {
        var disk = new TemporaryDisk();
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={bytes},mode=0700", "tmpfs", disk.Path)) return disk;
        disk.folder.Dispose();
        Assert.Skip("mounting a tmpfs needs Linux and root");
        throw new InvalidOperationException();
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        folder.Dispose();
    }

    static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
