using System.Runtime.InteropServices;
using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// The folders of one program's process: the tiles and slides of its task only. They are deleted on disposal.
/// </summary>
sealed partial class ProgramPlace : IDisposable
{
    /// <summary>Maximum bytes of pixels that a program holds at a time.</summary>
    const long MostPixels = 384_000_000;

    readonly ProgramHost host;
    long held;
    readonly string root;
    readonly string? inMemory;

    /// <param name="host">Hides everything else.</param>
    /// <param name="root">The parent folder, on disk.</param>
    /// <param name="memory">The parent folder for tiles, in memory; null if the system has no such folder.</param>
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

    /// <summary>Folders that the program may write to.</summary>
    public IEnumerable<string> Folders => inMemory is null ? [root] : [root, inMemory];

    /// <summary>The program's read-only folder: its slides.</summary>
    public string Files => Path.Combine(root, "files");

    /// <summary>The folder for files that the program writes and the bridge reads.</summary>
    public string Written => Path.Combine(root, "written");

    /// <summary>The folder for files that explain the result.</summary>
    public string Debug => Path.Combine(root, "debug");

    /// <summary>The program's folder for temporary files, if it has a separate one.</summary>
    public string Temporary => Path.Combine(root, "tmp");

    string OnDisk => Path.Combine(root, "tiles");

    /// <summary>Shared memory for pixels that the program maps; on disk if there is no room in memory.</summary>
    /// <exception cref="Sdk.ClassifierException">There is no room.</exception>
    public SharedPixels CreatePixels(int bytes)
    {
        CheckRoom(bytes);
        var pixels = SharedPixels.Create(bytes, inMemory is null ? [OnDisk] : [inMemory, OnDisk], host.User, () => Interlocked.Add(ref held, -bytes));
        Interlocked.Add(ref held, bytes);
        return pixels;
    }

    /// <summary>Checks that the program may hold this many more bytes of pixels. They count as the bridge's memory.</summary>
    /// <exception cref="WrongRequestException">It holds too many.</exception>
    public void CheckRoom(long bytes)
    {
        if (Volatile.Read(ref held) + bytes > MostPixels)
            throw new WrongRequestException($"{bytes / 1_000_000} MB of pixels, with {Volatile.Read(ref held) / 1_000_000} MB not closed yet, are more than the limit of {MostPixels / 1_000_000} MB at a time. Use a smaller batch or region, and close batches that are done.");
    }

    /// <summary>The path under which the program can open a file or folder of the machine.</summary>
    /// <returns>The path; if it is hidden from programs, another name of the same file.</returns>
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

    /// <summary>Deletes the files of a task that has ended.</summary>
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

    /// <summary>Creates a hard link to a file, or copies the file if it is on another disk.</summary>
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
