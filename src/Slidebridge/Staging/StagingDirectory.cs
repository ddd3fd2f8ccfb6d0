using System.Globalization;
using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>
/// The slide cache's directory, which is its own index. Several processes may share it: what is complete appears by a rename, what is being written and what is read is locked
/// (flock), and nothing that is locked is deleted.
/// </summary>
sealed class StagingDirectory
{
    const string PartExtension = ".part";

    readonly StagingOptions options;
    readonly FreeSpace space;
    readonly Lock gate = new();

    /// <summary>Makes the directory where it is missing, and removes what a process that died was writing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public StagingDirectory(StagingOptions options, FreeSpace space)
    {
        this.options = options;
        this.space = space;
        // Patients' slides lie in it: for its owner only.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(options.Directory);
        else Directory.CreateDirectory(options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Name = MakeName();
        foreach (var part in Directory.EnumerateFiles(options.Directory, "*" + PartExtension)) TryDelete(part);
    }

    /// <summary>What tasks call this directory: the same after a restart, and on all nodes that share it.</summary>
    public string Name { get; }

    public string PathOf(StagedObject staged) => Path.Combine(options.Directory, staged.FileName);

    /// <summary>The copies of an object, that which was used last first. More than one where it was replaced at its address.</summary>
    public IReadOnlyList<StagedObject> Find(string key) =>
        [.. Files($"{key}-*{StagedObject.Extension}").OrderByDescending(f => f.LastWriteTimeUtc).Select(f => StagedObject.Parse(f.Name)).OfType<StagedObject>()];

    /// <summary>Takes a copy into use, which makes it the youngest; null where it is not there or has another length than it should.</summary>
    public SlideLease? Lease(StagedObject staged)
    {
        var path = PathOf(staged);
        if (SlideLease.Take(path) is not { } lease) return null;
        try
        {
            if (new FileInfo(path).Length == staged.Length)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return lease;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone between two steps, or another user's.
        }
        lease.Dispose();
        return null;
    }

    /// <summary>Deletes a copy, unless somebody uses it.</summary>
    public bool Remove(StagedObject staged) => TryDelete(PathOf(staged));

    /// <summary>Deletes copies that nobody uses, those that were not used for longest first, until the disk has as much free as it is to have.</summary>
    public void GiveWay()
    {
        lock (gate)
        {
            foreach (var file in Files("*" + StagedObject.Extension).OrderBy(f => f.LastWriteTimeUtc))
            {
                if (space.Of(options.Directory) >= space.Floor) return;
                TryDelete(file.FullName);
            }
        }
    }

    /// <summary>A new file for so many bytes, whose room is taken from the budget and from the disk at once. Those that were not used for longest make way.</summary>
    /// <exception cref="SlideSourceException">There is no room, and none can be made now.</exception>
    public FileStream CreatePart(long length)
    {
        // Its name says what it will hold, so that other processes count it.
        var path = Path.Combine(options.Directory, string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():n}-{length}{PartExtension}"));
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, PreallocationSize = length, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (gate)
        {
            MakeRoom(length);
            return new FileStream(path, file);
        }
    }

    /// <summary>Gives a complete part its place; it is closed thereby.</summary>
    public void Complete(FileStream part, StagedObject staged)
    {
        part.Dispose();
        File.Move(part.Name, PathOf(staged), overwrite: true);
    }

    /// <summary>Closes and deletes a part; one that was completed is gone already.</summary>
    public static void Discard(FileStream part)
    {
        part.Dispose();
        TryDelete(part.Name);
    }

    string MakeName()
    {
        var path = Path.Combine(options.Directory, "name");
        if (!File.Exists(path))
        {
            var written = $"{path}.{Guid.NewGuid():n}";
            File.WriteAllText(written, $"{Environment.MachineName}-{Guid.NewGuid().ToString("n")[..8]}");
            try
            {
                File.Move(written, path, overwrite: false);
            }
            catch (IOException)
            {
                File.Delete(written); // Another process was first.
            }
        }
        return File.ReadAllText(path);
    }

    // Under the lock.
    void MakeRoom(long length)
    {
        if (length > options.Budget) throw NoRoom($"is larger than the slide cache's {options.Budget} bytes (--cache-size)", isTransient: false);
        var files = Files("*");
        var held = files.Sum(PromisedLength);
        var oldest = new Queue<FileInfo>(files.Where(f => f.Extension == StagedObject.Extension).OrderBy(f => f.LastWriteTimeUtc));
        while (held + length > options.Budget || space.Of(options.Directory) - space.Floor < length)
        {
            if (!oldest.TryDequeue(out var file))
                throw held + length > options.Budget
                    ? NoRoom("finds no room in the slide cache, whose slides are all in use (--cache-size)", isTransient: true)
                    : NoRoom("finds no room on the slide cache's disk (--min-free, --cache)", isTransient: true);
            if (TryDelete(file.FullName)) held -= PromisedLength(file);
        }
    }

    static SlideSourceException NoRoom(string why, bool isTransient) => new(SlideSourceFailure.Unreachable, $"The slide {why}.", isTransient);

    FileInfo[] Files(string pattern)
    {
        try
        {
            return new DirectoryInfo(options.Directory).GetFiles(pattern);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    static long PromisedLength(FileInfo file) =>
        StagedObject.Parse(file.Name)?.Length
        ?? (long.TryParse(Path.GetFileNameWithoutExtension(file.Name).Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0);

    static bool TryDelete(string path)
    {
        try
        {
            // Opened alone, so that it fails while anybody has it; deleted before it is let go.
            using var alone = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
