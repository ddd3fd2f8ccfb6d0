using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>Where the tiles of an index lie.</summary>
/// <param name="Level">0 is full resolution; each further one has half of the pixels along each edge.</param>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Rows">Tiles in a column.</param>
readonly record struct LevelGrid(int Level, int Columns, int Rows)
{
    /// <summary>Level-0 pixels in one pixel of the level.</summary>
    public double Downsample => 1L << Level;

    /// <summary>The levels of a slide, from full resolution to the one that is a single tile.</summary>
    public static LevelGrid[] Of(double width, double height)
    {
        var levels = new List<LevelGrid>();
        for (var level = 0; ; level++)
        {
            var edge = TileFormat.Edge * (double)(1L << level);
            var grid = new LevelGrid(level, Math.Max(1, (int)Math.Ceiling(width / edge)), Math.Max(1, (int)Math.Ceiling(height / edge)));
            levels.Add(grid);
            if (grid is { Columns: 1, Rows: 1 }) return [.. levels];
        }
    }
}

/// <summary>
/// Makes the tiles of one level, in memory that does not grow with the number of objects: a few rows of tiles at a time.
/// <code>
/// 1 count       the objects that reach each row of tiles
/// 2 assign      for some rows: (tile, object) for each tile that an object reaches; large objects are cut into a fragment for each tile
/// 3 sort        by tile
/// 4 build       each tile: TileBuilder
/// </code>
/// </summary>
/// <param name="objects">Everything that is drawn.</param>
/// <param name="grid">The level.</param>
/// <param name="omissions">Counts what cannot be drawn as it is written.</param>
/// <param name="folder">For the temporary file.</param>
/// <param name="pairs">Room for the pairs of tile and object, empty: used again by the next level.</param>
sealed class LevelTiles(IndexedObjects objects, LevelGrid grid, Omissions omissions, string folder, List<ulong> pairs)
{
    /// <summary>Maximum pairs of tile and object in memory, 16 MB, unless one row of tiles has more. The rest is made in further passes.</summary>
    const int MostPairs = 1 << 21;

    /// <summary>An object that reaches over more tiles along an edge is cut into fragments.</summary>
    const int MostTilesWhole = 3;

    /// <summary>Maximum fragments of one level: bounds the file where thousands of objects cover the whole slide.</summary>
    const int MostFragments = 1 << 19;

    /// <summary>How far a line or a point's disc may reach beyond its coordinates, pixels of the level.</summary>
    const double LineMargin = 2, DiscMargin = 5;

    readonly TileBuilder builder = new(objects, grid, omissions);

    /// <summary>Makes the tiles and passes them to <paramref name="write"/>, in the order of their keys (column + row · columns).</summary>
    public void Build(Action<uint, ReadOnlySpan<byte>> write, CancellationToken cancellationToken)
    {
        var perRow = CountRows(cancellationToken);
        using var fragments = new TileFragments(grid, MostFragments, folder);
        for (int first = 0, last; first < grid.Rows; first = last + 1)
        {
            var sum = perRow[last = first];
            while (last + 1 < grid.Rows && sum + perRow[last + 1] <= MostPairs) sum += perRow[++last];
            if (sum == 0) continue;
            pairs.EnsureCapacity((int)Math.Min(sum, Array.MaxLength));
            Assign(first, last, fragments, cancellationToken);
            pairs.Sort();
            fragments.Sort();
            BuildTiles(fragments, write, cancellationToken);
            pairs.Clear();
            fragments.Clear();
        }
        omissions.Coarse = Math.Max(omissions.Coarse, fragments.Refused);
    }

    long[] CountRows(CancellationToken cancellationToken)
    {
        var rows = new long[grid.Rows];
        for (uint id = 0; id < objects.Count; id++)
        {
            if ((id & 0xfff) == 0) Pause(cancellationToken);
            ref readonly var each = ref objects[id];
            if (each.Traits.HasFlag(ObjectTraits.Outside)) continue;
            var (left, top, right, bottom) = TilesOf(each);
            // Fragments are not kept in memory; a large object only marks its rows.
            for (var row = top; row <= bottom; row++) rows[row] += IsLarge(each) ? 1 : right - left + 1;
        }
        return rows;
    }

    void Assign(int first, int last, TileFragments fragments, CancellationToken cancellationToken)
    {
        for (uint id = 0; id < objects.Count; id++)
        {
            if ((id & 0xfff) == 0) Pause(cancellationToken);
            ref readonly var each = ref objects[id];
            if (each.Traits.HasFlag(ObjectTraits.Outside)) continue;
            var (left, top, right, bottom) = TilesOf(each);
            if (bottom < first || top > last) continue;
            (top, bottom) = (Math.Max(top, first), Math.Min(bottom, last));
            if (IsLarge(each)) fragments.Add(objects, id, left, top, right, bottom, cancellationToken);
            else
                for (var row = top; row <= bottom; row++)
                    for (var column = left; column <= right; column++) pairs.Add(((ulong)(uint)(row * grid.Columns + column) << 32) | id);
        }
    }

    /// <summary>Where no object is in use.</summary>
    void Pause(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        objects.Release();
    }

    bool IsLarge(in ObjectRecord each)
    {
        var edge = TileFormat.Edge * grid.Downsample * (MostTilesWhole - 1);
        return each.MaxX - each.MinX > edge || each.MaxY - each.MinY > edge;
    }

    /// <summary>The tiles that an object reaches; only the one of its centre if it is too small to be drawn.</summary>
    (int Left, int Top, int Right, int Bottom) TilesOf(in ObjectRecord each)
    {
        var scale = 1 / (TileFormat.Edge * grid.Downsample);
        if (TileBuilder.IsTooSmall(each, grid))
        {
            var (column, row) = (Column(each.CenterX * scale), Row(each.CenterY * scale));
            return (column, row, column, row);
        }
        var margin = (each.Kind == ShapeKind.Point ? DiscMargin : LineMargin) / TileFormat.Edge;
        return (Column(each.MinX * scale - margin), Row(each.MinY * scale - margin), Column(each.MaxX * scale + margin), Row(each.MaxY * scale + margin));
    }

    int Column(double x) => Math.Clamp((int)Math.Floor(x), 0, grid.Columns - 1);

    int Row(double y) => Math.Clamp((int)Math.Floor(y), 0, grid.Rows - 1);

    void BuildTiles(TileFragments fragments, Action<uint, ReadOnlySpan<byte>> write, CancellationToken cancellationToken)
    {
        var sorted = CollectionsMarshal.AsSpan(pairs);
        int pair = 0, fragment = 0;
        while (pair < sorted.Length || fragment < fragments.Count)
        {
            Pause(cancellationToken);
            var key = Math.Min(pair < sorted.Length ? (uint)(sorted[pair] >> 32) : uint.MaxValue, fragment < fragments.Count ? fragments[fragment].Tile : uint.MaxValue);
            int pairEnd = pair, fragmentEnd = fragment;
            while (pairEnd < sorted.Length && sorted[pairEnd] >> 32 == key) pairEnd++;
            while (fragmentEnd < fragments.Count && fragments[fragmentEnd].Tile == key) fragmentEnd++;
            var tile = builder.Build(key, sorted[pair..pairEnd], fragments, fragment, fragmentEnd);
            if (!tile.IsEmpty) write(key, tile);
            (pair, fragment) = (pairEnd, fragmentEnd);
        }
    }
}
