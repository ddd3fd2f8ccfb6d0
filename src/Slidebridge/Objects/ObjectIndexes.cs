using System.Security.Cryptography;
using System.Text;
using Slidebridge.Security;
using Slidebridge.Staging;

namespace Slidebridge.Objects;

/// <summary>
/// The indexes that this node has made. An index is made when it is first asked for, once however many ask at the same time, and can be made again at any time; so the ones that
/// were not used for longest are deleted when the folder becomes too large. Those of an erased result are deleted by the node that erases it, at once; on other nodes, nobody uses them any more, and
/// those that nobody has used for an hour are deleted.
/// </summary>
sealed class ObjectIndexes : IDisposable
{
    static readonly TimeSpan Unused = TimeSpan.FromHours(1), BetweenLooks = TimeSpan.FromMinutes(10);

    readonly long mostBytes;
    readonly TimeProvider time;
    readonly ITimer deleting;
    // Prepared once: what another run left unfinished is deleted before this one writes.
    readonly Lazy<DirectoryInfo> directory;
    readonly SharedWork<ObjectIndex> making = new();
    readonly Dictionary<string, Held> held = [];
    readonly Lock gate = new();
    readonly SemaphoreSlim oneAtATime = new(1);
    long clock;

    /// <param name="folder">Only its owner may enter: an index holds patients' results. Created if it is not there; no other process uses it.</param>
    /// <param name="mostBytes">Maximum bytes of all indexes; the newest one is kept even if it is larger.</param>
    /// <param name="time">The clock for what is unused; null: the system's.</param>
    public ObjectIndexes(string folder, long mostBytes, TimeProvider? time = null)
    {
        (this.mostBytes, this.time) = (mostBytes, time ?? TimeProvider.System);
        directory = new(() => Prepare(folder));
        deleting = this.time.CreateTimer(_ => DeleteUnused(), null, BetweenLooks, BetweenLooks);
    }

    sealed class Held(ObjectIndex index)
    {
        public ObjectIndex Index { get; } = index;
        public int Users { get; set; }
        public long LastUse { get; set; }
        public long UsedAt { get; set; }
        public bool IsRemoved { get; set; }
    }

    /// <summary>The index of one scan's objects; made if it is not there.</summary>
    /// <param name="key">Names the result and the scan: another result has another key. Its first line is the owner, for <see cref="DeleteAllOf"/>.</param>
    /// <param name="make">Writes the index to a path with <see cref="ObjectIndexWriter"/>; called only if it is needed.</param>
    /// <param name="cancellationToken">Gives up; the making stops when all who wait for it have.</param>
    /// <returns>The index; to be disposed after use, which does not close it for others.</returns>
    public async Task<BorrowedIndex> OpenAsync(string key, Func<string, CancellationToken, Task> make, CancellationToken cancellationToken)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            if (Borrow(key) is { } ready) return ready;
            _ = await making.RunAsync(key, token => OpenOrMakeAsync(key, make, token), cancellationToken);
            // Between the making and here it may have been deleted, because the folder was full.
            if (Borrow(key) is { } made) return made;
            if (isSecond) throw new IOException("The index of objects was deleted before it could be read: its folder may hold too few bytes.");
        }
    }

    BorrowedIndex? Borrow(string key)
    {
        lock (gate)
        {
            if (!held.TryGetValue(key, out var found)) return null;
            found.Users++;
            found.LastUse = ++clock;
            found.UsedAt = time.GetTimestamp();
            return new BorrowedIndex(found.Index, () => Return(found));
        }
    }

    void Return(Held used)
    {
        lock (gate)
            if (--used.Users == 0 && used.IsRemoved) used.Index.Dispose();
    }

    async Task<ObjectIndex> OpenOrMakeAsync(string key, Func<string, CancellationToken, Task> make, CancellationToken cancellationToken)
    {
        lock (gate)
            if (held.TryGetValue(key, out var there)) return there.Index;
        var path = PathOf(key);
        var index = TryOpen(path);
        if (index is null)
        {
            // One at a time: each takes a core and some memory.
            await oneAtATime.WaitAsync(cancellationToken);
            var part = Path.Combine(directory.Value.FullName, IndexFiles.Temporary());
            try
            {
                await make(part, cancellationToken);
                File.Move(part, path, overwrite: true);
                index = ObjectIndex.Open(path);
            }
            finally
            {
                File.Delete(part);
                oneAtATime.Release();
            }
        }
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        lock (gate) held[key] = new Held(index) { LastUse = ++clock, UsedAt = time.GetTimestamp() };
        Evict(key);
        return index;
    }

    static ObjectIndex? TryOpen(string path)
    {
        try
        {
            return ObjectIndex.Open(path);
        }
        catch (Exception e) when (e is ObjectIndexException or FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Deletes the indexes that were not used for longest, also those of earlier runs, until the rest fits.</summary>
    void Evict(string newest)
    {
        var files = directory.Value.EnumerateFiles("*" + IndexFiles.Ending).ToList();
        var bytes = files.Sum(file => file.Length);
        lock (gate)
        {
            var open = held.ToDictionary(each => PathOf(each.Key), each => each);
            foreach (var file in files.OrderBy(file => open.TryGetValue(file.FullName, out var each) ? each.Value.LastUse : 0).ThenBy(file => file.LastWriteTimeUtc))
            {
                if (bytes <= mostBytes) return;
                if (file.FullName == PathOf(newest)) continue;
                bytes -= file.Length;
                if (open.TryGetValue(file.FullName, out var each)) Remove(each.Key, each.Value);
                file.Delete();
            }
        }
    }

    /// <summary>Forgets every index of an owner, because its results are erased; also those that an earlier run has left.</summary>
    /// <param name="owner">The first line of the keys.</param>
    public void DeleteAllOf(string owner)
    {
        lock (gate)
        {
            foreach (var (key, each) in held.Where(each => OwnerOf(each.Key) == owner).ToList()) Remove(key, each);
            foreach (var file in directory.Value.EnumerateFiles($"{Hashed(owner)}-*{IndexFiles.Ending}")) file.Delete();
        }
    }

    /// <summary>Forgets an index, for example because a tile is damaged; the next request makes it again.</summary>
    public void Delete(string key)
    {
        lock (gate)
        {
            if (held.TryGetValue(key, out var found)) Remove(key, found);
            File.Delete(PathOf(key));
        }
    }

    /// <summary>Also those that an earlier run has left.</summary>
    void DeleteUnused()
    {
        try
        {
            lock (gate)
            {
                foreach (var (key, each) in held.Where(each => each.Value.Users == 0 && time.GetElapsedTime(each.Value.UsedAt) > Unused).ToList()) Remove(key, each);
                var kept = held.Keys.Select(PathOf).ToHashSet();
                foreach (var file in directory.Value.EnumerateFiles("*" + IndexFiles.Ending).Where(file => !kept.Contains(file.FullName) && DateTime.UtcNow - file.LastWriteTimeUtc > Unused)) file.Delete();
            }
        }
        catch (IOException)
        {
            // Tried again at the next check.
        }
    }

    void Remove(string key, Held each)
    {
        held.Remove(key);
        each.IsRemoved = true;
        if (each.Users == 0) each.Index.Dispose();
    }

    string PathOf(string key) => Path.Combine(directory.Value.FullName, $"{Hashed(OwnerOf(key))}-{Hashed(key)}{IndexFiles.Ending}");

    static string OwnerOf(string key) => key.Split('\n', 2)[0];

    static string Hashed(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    static DirectoryInfo Prepare(string folder)
    {
        var directory = PrivateDirectory.CreateOrClose(folder);
        foreach (var left in directory.EnumerateFiles("*" + IndexFiles.TemporaryEnding)) left.Delete();
        return directory;
    }

    public void Dispose()
    {
        deleting.Dispose();
        lock (gate)
            foreach (var (key, each) in held.ToList()) Remove(key, each);
        oneAtATime.Dispose();
    }
}

/// <summary>An index in use. It stays readable until this is disposed, even if its file is deleted.</summary>
sealed class BorrowedIndex(ObjectIndex index, Action giveBack) : IDisposable
{
    int isReturned;

    public ObjectIndex Index { get; } = index;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isReturned, 1) == 0) giveBack();
    }
}
