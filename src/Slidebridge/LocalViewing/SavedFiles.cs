namespace Slidebridge.LocalViewing;

/// <summary>
/// Notices that files were saved, by their size and time. Asked again and again instead of by notifications of the system, which network folders and containers do not send, and which an editor that
/// replaces a file by a new one can lose.
/// </summary>
sealed class SavedFiles(IReadOnlyList<string> paths, TimeProvider time)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    readonly (DateTime, long)?[] first = Look(paths);
    (DateTime, long)?[] seen = Look(paths);

    /// <summary>Waits until a file is other than at the last call, and no longer changes.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        for (var before = seen; ;)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
            var now = Look(paths);
            // Two looks at the same: a large model is written for a while. A file that is away is about to be replaced.
            if (now.SequenceEqual(before) && !now.SequenceEqual(seen) && !now.Zip(first).Any(each => each.First is null && each.Second is not null))
            {
                seen = now;
                return;
            }
            before = now;
        }
    }

    static (DateTime, long)?[] Look(IReadOnlyList<string> paths) => [.. paths.Select(path => new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : ((DateTime, long)?)null)];
}
