using System.Security.Cryptography;

namespace Slidebridge.Provenance;

/// <summary>The SHA-256 of a classifier's files as they were when it became ready, and which of them have changed on disk since then.</summary>
sealed class HashedFiles
{
    /// <summary>Larger files are not hashed: a classifier would wait for minutes before it is ready.</summary>
    const long Largest = 64L << 30;

    readonly IReadOnlyList<(string Path, Stamp Stamp)> read;

    HashedFiles(IReadOnlyList<(string Path, Stamp Stamp, string? Sha256)> files)
    {
        read = [.. files.Select(file => (file.Path, file.Stamp))];
        All = [.. files.Select(file => new FileProvenance(Path.GetFileName(file.Path), file.Stamp.Bytes, file.Sha256))];
    }

    public static HashedFiles None { get; } = new([]);

    public IReadOnlyList<FileProvenance> All { get; }

    /// <summary>The names of files that are not on disk any more as they were read; null if there are none.</summary>
    public IReadOnlyList<string>? Changed() => read.Where(file => Stamp.Of(file.Path) != file.Stamp).Select(file => Path.GetFileName(file.Path)).ToList() is { Count: > 0 } changed ? changed : null;

    /// <summary>Reads files. One that cannot be read has no SHA-256.</summary>
    /// <param name="paths">Their paths.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<HashedFiles> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var files = new List<(string, Stamp, string?)>();
        foreach (var path in paths.Distinct())
        {
            var stamp = Stamp.Of(path);
            files.Add((path, stamp, stamp.Path is not { } file || stamp.Bytes > Largest ? null : await ReadAsync(file, cancellationToken)));
        }
        return new HashedFiles(files);
    }

    static async Task<string?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <param name="Path">The file itself: a link that leads to another one counts as a change.</param>
    /// <param name="Bytes">Its length.</param>
    /// <param name="Written">When it was last written.</param>
    readonly record struct Stamp(string? Path, long Bytes, DateTime Written)
    {
        public static Stamp Of(string path) => RegularFile.Resolve(path) is { } resolved && new FileInfo(resolved) is { Exists: true } file ? new(resolved, file.Length, file.LastWriteTimeUtc) : default;
    }
}
