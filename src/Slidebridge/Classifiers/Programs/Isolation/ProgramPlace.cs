using System.Runtime.InteropServices;
using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// The folders of one program's process: the tiles and slides of its task, and no other's. They go when this is disposed.
/// </summary>
sealed partial class ProgramPlace : IDisposable
{
    /// <summary>The most bytes of pixels that a program holds at a time.</summary>
    const long MostPixels = 384_000_000;

    readonly ProgramHost host;
    long held;
    readonly string root;
    readonly string? inMemory;

    /// <param name="host">Hides the rest.</param>
    /// <param name="root">Where it is made, on disk.</param>
    /// <param name="memory">Where its tiles are, in memory; null where the system has no such folder.</param>
    public ProgramPlace(ProgramHost host, string root, string? memory)
    {
        var name = Guid.NewGuid().ToString("n");
        (this.host, this.root, inMemory) = (host, Path.Combine(root, name), memory is null ? null : Path.Combine(memory, name));
        foreach (var folder in Folders.Concat([Files, Written, Debug, Temporary, OnDisk]))
        {
            PrivateDirectory.Create(folder);
            host.User?.Own(folder);
        }
    }

    /// <summary>What the program may write to.</summary>
    public IEnumerable<string> Folders => inMemory is null ? [root] : [root, inMemory];

    /// <summary>What it may read only: its slides.</summary>
    public string Files => Path.Combine(root, "files");

    /// <summary>For what it writes and the bridge reads.</summary>
    public string Written => Path.Combine(root, "written");

    /// <summary>For files that help to understand what it found.</summary>
    public string Debug => Path.Combine(root, "debug");

    /// <summary>Its folder for temporary files, where it has one of its own.</summary>
    public string Temporary => Path.Combine(root, "tmp");

    string OnDisk => Path.Combine(root, "tiles");

    /// <summary>Memory for pixels that the program maps; on disk where there is no room.</summary>
    /// <exception cref="Sdk.ClassifierException">There is no room for it.</exception>
    public SharedPixels CreatePixels(int bytes)
    {
        CheckRoom(bytes);
        var pixels = SharedPixels.Create(bytes, inMemory is null ? [OnDisk] : [inMemory, OnDisk], host.User, () => Interlocked.Add(ref held, -bytes));
        Interlocked.Add(ref held, bytes);
        return pixels;
    }

    /// <summary>Whether the program may have so many more bytes of pixels. They are counted as the bridge's memory.</summary>
    /// <exception cref="WrongRequestException">It holds too many.</exception>
    public void CheckRoom(long bytes)
    {
        if (Volatile.Read(ref held) + bytes > MostPixels)
            throw new WrongRequestException($"{bytes / 1_000_000} MB of pixels beside {Volatile.Read(ref held) / 1_000_000} MB that are not closed yet; at most {MostPixels / 1_000_000} MB at a time. Take a smaller batch or region, and close what is used.");
    }

    /// <summary>A file or folder of the machine as the program can open it.</summary>
    /// <returns>The path; of what is hidden from programs, that of another name of the same file.</returns>
    public string Show(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (!Directory.Exists(target) && !host.IsHidden(target)) return target == path || host.IsHidden(path) ? target : path;
        if (Directory.Exists(target) && !host.IsHidden(target) && Directory.EnumerateFiles(target).All(f => File.ResolveLinkTarget(f, true) is null)) return target;
        var shown = Path.Combine(Files, Path.GetFileName(path));
        if (Path.Exists(shown)) return shown;
        if (!Directory.Exists(target))
        {
            Put(target, shown);
            return shown;
        }
        Directory.CreateDirectory(shown);
        host.User?.Own(shown);
        foreach (var file in Directory.EnumerateFiles(target)) Put(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file, Path.Combine(shown, Path.GetFileName(file)));
        return shown;
    }

    /// <summary>Takes away what belongs to a task that is over.</summary>
    public void Clear()
    {
        foreach (var entry in ((string[])[Files, Debug]).Select(folder => new DirectoryInfo(folder)).Where(folder => folder is { Exists: true, LinkTarget: null }).SelectMany(folder => folder.GetFileSystemInfos()))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder) OwnedFolder.Remove(folder.FullName);
            else entry.Delete();
        }
    }

    public void Dispose()
    {
        foreach (var folder in Folders) OwnedFolder.Remove(folder);
    }

    /// <summary>Gives a file a second name, or copies it where it lies on another disk.</summary>
    void Put(string file, string name)
    {
        if (host.User is null && !OperatingSystem.IsWindows() && Link(file, name) == 0) return;
        File.Copy(file, name);
        host.User?.Own(name);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string file, string name);
}
