using Slidebridge.Security;
using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>
/// The staging directory, which has no separate index. Several processes may share it: complete copies appear by a rename, files that are being written or read are locked
/// (flock), and locked files are never deleted.
/// </summary>
sealed class StagingDirectory
{
    const string PartExtension = ".part";

    readonly StagingOptions options;
    readonly FreeSpace space;
    readonly StagedGrants grants;
    readonly List<StagedPart> parts = [];
    readonly Lock gate = new();

    /// <summary>Creates the directory if it does not exist, and deletes incomplete files of processes that died.</summary>
    /// <exception cref="IOException">The directory cannot be created.</exception>
    public StagingDirectory(StagingOptions options, FreeSpace space)
    {
        this.options = options;
        this.space = space;
        // It contains patients' slides: private to its owner.
        PrivateDirectory.Create(options.Directory);
        Name = MakeName();
        foreach (var part in Directory.EnumerateFiles(options.Directory, "*" + PartExtension)) TryDelete(part);
        grants = new StagedGrants(Path.Combine(options.Directory, "grants"));
        grants.Keep([.. Files("*" + StagedObject.Extension).Select(f => StagedObject.Parse(f.Name)).OfType<StagedObject>()]);
    }

    /// <summary>The name of this directory in tasks' rows: the same after a restart, and on all nodes that share the directory.</summary>
    public string Name { get; }

    public string PathOf(StagedObject staged) => Path.Combine(options.Directory, staged.FileName);

    /// <summary>The copies of an object, the most recently used first. There is more than one if the object at its address was replaced.</summary>
    public IReadOnlyList<StagedObject> Find(string key) =>
        [.. Files($"{key}-*{StagedObject.Extension}").OrderByDescending(f => f.LastWriteTimeUtc).Select(f => StagedObject.Parse(f.Name)).OfType<StagedObject>()];

    /// <summary>Opens a copy, which makes it the most recently used; null if it does not exist or has the wrong length.</summary>
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
            // Deleted between two steps, or another user's file.
        }
        lease.Dispose();
        return null;
    }

    /// <summary>Deletes a copy, unless it is in use.</summary>
    public bool Remove(StagedObject staged) => TryRemove(new FileInfo(PathOf(staged)));

    /// <summary>Records that the store has answered exactly this URL successfully, and that the object behind it is this copy.</summary>
    public void Grant(string url, StagedObject staged) => grants.Add(url, staged);

    /// <summary>Whether the store has ever answered exactly this URL successfully, with this object.</summary>
    public bool IsGranted(string url, StagedObject staged) => grants.Has(url, staged);

    /// <summary>Evicts unused copies, least recently used first, until the disk has the required free space.</summary>
    public void GiveWay()
    {
        lock (gate)
        {
            foreach (var file in Files("*" + StagedObject.Extension).OrderBy(f => f.LastWriteTimeUtc))
            {
                if (space.Of(options.Directory) >= space.Floor) return;
                TryRemove(file);
            }
        }
    }

    /// <summary>A new file for a copy. Room is reserved as bytes arrive, because a server may claim any length.</summary>
    /// <param name="length">The length from the server; refused if it can never fit.</param>
    /// <exception cref="SlideSourceException">There is no room.</exception>
    public StagedPart CreatePart(long length)
    {
        if (length > options.Budget) throw NoRoom($"is larger than the staging directory's {options.Budget} bytes (--staging-size)", isTransient: false);
        var path = Path.Combine(options.Directory, $"{Guid.NewGuid():n}{PartExtension}");
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (gate)
        {
            // Fail before gigabytes have arrived: this disk cannot hold the copy, whatever is evicted.
            if (space.Of(options.Directory) is var free && free < long.MaxValue && length > free - space.Floor + Files("*" + StagedObject.Extension).Sum(LengthOf)) throw NoDisk();
            var part = new StagedPart(new FileStream(path, file), this);
            parts.Add(part);
            return part;
        }
    }

    /// <summary>Reserves room for more bytes of a part, in the budget and on the disk. Evicts the least recently used copies.</summary>
    /// <exception cref="SlideSourceException">There is no room, and none can be made now.</exception>
    public void Grow(StagedPart part, long length)
    {
        lock (gate)
        {
            MakeRoom(part, length - part.Room);
            part.Room = length;
        }
    }

    /// <summary>Closes a complete part and moves it into place.</summary>
    public void Complete(StagedPart part, StagedObject staged)
    {
        part.File.Dispose();
        File.Move(part.File.Name, PathOf(staged), overwrite: true);
        Forget(part);
    }

    /// <summary>Closes and deletes a part, unless it was completed.</summary>
    public void Discard(StagedPart part)
    {
        part.File.Dispose();
        TryDelete(part.File.Name);
        Forget(part);
    }

    void Forget(StagedPart part)
    {
        lock (gate) parts.Remove(part);
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

    // The caller holds the lock.
    void MakeRoom(StagedPart part, long more)
    {
        // This process's parts count with their reserved room; other processes' parts with the bytes that have arrived.
        var ours = parts.ToDictionary(each => each.File.Name, each => each.Room);
        var files = Files("*").Where(f => f.Extension is StagedObject.Extension or PartExtension).ToArray();
        var held = files.Sum(f => ours.TryGetValue(f.FullName, out var room) ? room : LengthOf(f));
        var promised = parts.Sum(each => Math.Max(0, each.Room - each.Written));
        var oldest = new Queue<FileInfo>(files.Where(f => f.Extension == StagedObject.Extension).OrderBy(f => f.LastWriteTimeUtc));
        while (held + more > options.Budget || space.Of(options.Directory) - space.Floor - promised < more)
        {
            if (!oldest.TryDequeue(out var file))
                throw held + more > options.Budget ? NoRoom("does not fit into the staging directory, because all its copies are in use (--staging-size)", isTransient: true) : NoDisk();
            if (TryRemove(file)) held -= LengthOf(file);
        }
    }

    static SlideSourceException NoDisk() => NoRoom("does not fit on the staging directory's disk (--min-free, --staging-dir)", isTransient: true);

    static SlideSourceException NoRoom(string why, bool isTransient) => new(SlideSourceFailure.Unreachable, $"The slide {why}.", isTransient);

    /// <summary>0 if the file was removed since it was listed: another process has completed its part under another name, which counts from the next step on, or has deleted a copy.</summary>
    static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

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

    bool TryRemove(FileInfo copy)
    {
        if (!TryDelete(copy.FullName)) return false;
        if (StagedObject.Parse(copy.Name) is { } staged) grants.Forget(staged);
        return true;
    }

    static bool TryDelete(string path)
    {
        try
        {
            // Opened exclusively, so that it fails while anybody uses the file; deleted before it is closed.
            using var alone = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
