using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Slidebridge.Objects;

/// <summary>
/// Makes the index of one scan's objects, on one thread:
/// <code>
/// result ── ResultObjects ──► 1 ObjectTable      each object's row and vertices, to files
///                             2 survey           classes to list, ranges of scores, objects outside the slide
///                             3 LevelTiles       each level's tiles, to the file
///                             4 finish           directory, order by score, names, summary; last the header, without which a reader refuses the file
/// </code>
/// Memory: 16 bytes for each object, the largest object's vertices, and about 200 megabytes, 128 of them of mapped files. Disk: the index, and 8 bytes for each vertex while it is made.
/// </summary>
static class ObjectIndexWriter
{
    /// <summary>Non-empty tiles of a level that the summary names, if they are less than half of all: then a page asks for no empty ones.</summary>
    const int MostNamedTiles = 8192;

    /// <summary>Writes the index.</summary>
    /// <param name="json">A valid result; <see cref="Tasks.SavedResult.Json"/>.</param>
    /// <param name="scanId">The scan; without a result it has no objects.</param>
    /// <param name="slide">The slide's width and height, level-0 pixels; null if they are unknown: then everything is on the slide.</param>
    /// <param name="path">The file, which must not exist. It is complete when this method returns.</param>
    /// <param name="cancellationToken">Stops; the file is then incomplete.</param>
    /// <exception cref="JsonException">The result is not valid.</exception>
    /// <exception cref="IOException">The disk is full, or the file exists.</exception>
    public static void Write(ReadOnlyMemory<byte> json, string scanId, (double Width, double Height)? slide, string path, CancellationToken cancellationToken) =>
        Write(receiver => new ResultObjects(receiver).Read(json.Span, scanId), slide, path, cancellationToken);

    /// <summary>The same for objects from elsewhere.</summary>
    /// <param name="read">Passes the objects on.</param>
    /// <inheritdoc cref="Write(ReadOnlyMemory{byte}, string, ValueTuple{double, double}?, string, CancellationToken)"/>
    public static void Write(Action<IObjectReceiver> read, (double Width, double Height)? slide, string path, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var omissions = new Omissions();
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = 1 << 18 });
        file.Write(new byte[IndexHeader.Size]);
        var header = IndexHeader.Create();

        using var table = new ObjectTable(file, folder, omissions, cancellationToken);
        read(table);
        header.Objects = table.Count;

        var size = slide ?? table.Extent;
        (header.Width, header.Height) = size;
        using var survey = new Survey(table, file, slide, omissions, cancellationToken);

        var levels = LevelGrid.Of(size.Width, size.Height);
        var directories = new List<List<TileEntry>>();
        var pairs = new List<ulong>();
        foreach (var grid in levels)
        {
            var directory = new List<TileEntry>();
            directories.Add(directory);
            if (survey.Objects is not { } objects) continue;
            new LevelTiles(objects, grid, omissions, folder, pairs).Build((key, tile) =>
            {
                directory.Add(new TileEntry(key, (uint)tile.Length, file.Position));
                file.Write(tile);
            }, cancellationToken);
        }
        header.Levels = levels.Length;

        header.Directory = file.Position;
        foreach (var directory in directories)
        {
            file.Write(BitConverter.GetBytes(directory.Count));
            file.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(directory)));
        }
        header.Order = file.Position;
        header.HasScores = survey.HasScores ? 1 : 0;
        if (survey.HasScores) survey.WriteIdsByScore(file);
        header.Names = file.Position;
        header.Classes = table.Classes.Names.Count;
        WriteNames(file, table.Classes, survey.Listed);
        header.Summary = file.Position;
        JsonSerializer.Serialize(file, SummaryOf(table, survey, size, levels, directories, omissions), ObjectsJson.Default.ObjectSummary);
        header.Length = file.Position;
        file.Position = 0;
        file.Write(header.ToBytes());
        file.Flush();
    }

    static void WriteNames(FileStream file, ClassNames names, ListedClasses listed)
    {
        using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
        for (var i = 0; i < names.Names.Count; i++)
        {
            writer.Write(listed.NumberOf((ushort)i));
            writer.Write(names.Names[i]);
        }
    }

    static ObjectSummary SummaryOf(ObjectTable table, Survey survey, (double Width, double Height) size, LevelGrid[] levels, List<List<TileEntry>> directories, Omissions omissions)
    {
        var summarized = levels.Select((grid, i) => new SummarizedLevel(
            grid.Level, grid.Columns, grid.Rows, grid.Downsample, directories[i].Count <= MostNamedTiles && directories[i].Count < grid.Columns * (long)grid.Rows / 2 ? [.. directories[i].Select(entry => entry.Key)] : null));
        return new ObjectSummary(
            TileFormat.Version, size.Width, size.Height, TileFormat.Edge, table.Count, table.VerticesRead, table.Box, [.. summarized], survey.Counts.List(table.Classes), omissions.List());
    }
}

/// <summary>Where a tile is.</summary>
/// <param name="Key">Column + row · columns.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Offset">In the file.</param>
readonly record struct TileEntry(uint Key, uint Length, long Offset);
