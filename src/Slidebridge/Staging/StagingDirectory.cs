using Slidebridge.Security;
using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>
/// The staging directory, which is its own index. Several processes may share it: what is complete appears by a rename, what is being written and what is read is locked
/// (flock), and nothing that is locked is deleted.
/// </summary>
sealed class StagingDirectory
{
    const string PartExtension = ".part";

    readonly StagingOptions options;
    readonly FreeSpace space;
    readonly StagedGrants grants;
    readonly List<StagedPart> parts = [];
    readonly Lock gate = new();

    /// <summary>Makes the directory where it is missing, and removes what a process that died was writing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public StagingDirectory(StagingOptions options, FreeSpace space)
    {
        this.options = options;
        this.space = space;
        // Patients' slides lie in it: for its owner only.
        PrivateDirectory.Create(options.Directory);
        Name = MakeName();
        foreach (var part in Directory.EnumerateFiles(options.Directory, "*" + PartExtension)) TryDelete(part);
        grants = new StagedGrants(Path.Combine(options.Directory, "grants"));
        grants.Keep([.. Files("*" + StagedObject.Extension).Select(f => StagedObject.Parse(f.Name)).OfType<StagedObject>()]);
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
    public bool Remove(StagedObject staged) => TryRemove(new FileInfo(PathOf(staged)));

    /// <summary>Records that the store has answered well for exactly this URL, and that the object behind it is this copy.</summary>
    public void Grant(string url, StagedObject staged) => grants.Add(url, staged);

    /// <summary>Whether the store has ever answered well for exactly this URL, with this object.</summary>
    public bool IsGranted(string url, StagedObject staged) => grants.Has(url, staged);

    /// <summary>Deletes copies that nobody uses, those that were not used for longest first, until the disk has as much free as it is to have.</summary>
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

    /// <summary>A new file for a copy. Its room is taken as its bytes arrive: a server may claim any length.</summary>
    /// <param name="length">What the server says; refused where it can never fit.</param>
    /// <exception cref="SlideSourceException">There is no room.</exception>
    public StagedPart CreatePart(long length)
    {
        if (length > options.Budget) throw NoRoom($"is larger than the staging directory's {options.Budget} bytes (--staging-size)", isTransient: false);
        var path = Path.Combine(options.Directory, $"{Guid.NewGuid():n}{PartExtension}");
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (gate)
        {
            // Told before gigabytes have come: this disk will not hold it, whatever makes way.
            if (space.Of(options.Directory) is var free && free < long.MaxValue && length > free - space.Floor + Files("*" + StagedObject.Extension).Sum(LengthOf)) throw NoDisk();
            var part = new StagedPart(new FileStream(path, file), this);
            parts.Add(part);
            return part;
        }
    }

    /// <summary>Takes room for more bytes of a part, from the budget and from the disk. Copies that were not used for longest make way.</summary>
    /// <exception cref="SlideSourceException">There is no room, and none can be made now.</exception>
    public void Grow(StagedPart part, long length)
    {
        lock (gate)
        {
            MakeRoom(part, length - part.Room);
            part.Room = length;
        }
    }

    /// <summary>Gives a complete part its place; it is closed thereby.</summary>
    public void Complete(StagedPart part, StagedObject staged)
    {
        part.File.Dispose();
        File.Move(part.File.Name, PathOf(staged), overwrite: true);
        Forget(part);
    }

    /// <summary>Closes and deletes a part; one that was completed is gone already.</summary>
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

    // Under the lock.
    void MakeRoom(StagedPart part, long more)
    {
        // Of this process's own parts, what they have room for counts; of other processes', what has come.
        var ours = parts.ToDictionary(each => each.File.Name, each => each.Room);
        var files = Files("*").Where(f => f.Extension is StagedObject.Extension or PartExtension).ToArray();
        var held = files.Sum(f => ours.TryGetValue(f.FullName, out var room) ? room : LengthOf(f));
        var promised = parts.Sum(each => Math.Max(0, each.Room - each.Written));
        var oldest = new Queue<FileInfo>(files.Where(f => f.Extension == StagedObject.Extension).OrderBy(f => f.LastWriteTimeUtc));
        while (held + more > options.Budget || space.Of(options.Directory) - space.Floor - promised < more)
        {
            if (!oldest.TryDequeue(out var file))
                throw held + more > options.Budget ? NoRoom("finds no room in the staging directory, whose slides are all in use (--staging-size)", isTransient: true) : NoDisk();
            if (TryRemove(file)) held -= LengthOf(file);
        }
    }

    static SlideSourceException NoDisk() => NoRoom("finds no room on the staging directory's disk (--min-free, --staging-dir)", isTransient: true);

    static SlideSourceException NoRoom(string why, bool isTransient) => new(SlideSourceFailure.Unreachable, $"The slide {why}.", isTransient);

    /// <summary>None where it is gone since it was listed: another process has completed its part under another name, which counts from the next step on, or has removed a copy.</summary>
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
