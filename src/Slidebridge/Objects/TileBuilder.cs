namespace Slidebridge.Objects;

/// <summary>Makes one tile: what is large enough is drawn as it is, largest first; what is too small, or does not fit the bytes of a tile, is counted in cells.</summary>
sealed class TileBuilder(IndexedObjects objects, LevelGrid grid, Omissions omissions)
{
    /// <summary>Objects smaller than this are counted instead of drawn, except at full resolution. Pixels of the level.</summary>
    const double SmallestDrawn = 4;

    /// <summary>Points of a tile that are drawn one by one; more are counted.</summary>
    const int MostPoints = 2000, MostPointsAtFullResolution = 6000;

    /// <summary>Bytes of drawn objects if others must be counted in the same tile.</summary>
    const int MostBytesBesideCells = 110_000;

    /// <summary>Objects that may fail to fit before the rest is not tried.</summary>
    const int MostFailures = 16;

    readonly record struct Candidate(float Extent, uint Id, int Fragment);

    readonly List<Candidate> candidates = [], drawn = [];
    readonly List<uint> points = [];
    readonly TileEncoder encoder = new();
    readonly DensityCells density = new();
    readonly LevelShape shape = new();
    readonly TileVertices vertices = new();
    readonly HashSet<uint> thinned = [];
    readonly byte[] bytes = new byte[TileFormat.MostBytes + 4096];
    readonly short[] fragmentVertices = new short[TileVertices.MostBytes];
    readonly ushort[] fragmentRings = new ushort[TileVertices.MostBytes];

    /// <summary>Whether a level shows the object only as a part of a density.</summary>
    public static bool IsTooSmall(in ObjectRecord each, LevelGrid grid) => grid.Level > 0 && each.Kind != ShapeKind.Point && each.Extent < SmallestDrawn * grid.Downsample;

    /// <summary>Makes the tile.</summary>
    /// <param name="key">Column + row · columns.</param>
    /// <param name="pairs">The objects that reach it: ids in the lower 32 bits.</param>
    /// <param name="fragments">Fragments of large objects.</param>
    /// <param name="first">The tile's first fragment.</param>
    /// <param name="end">Behind its last fragment.</param>
    /// <returns>The tile's bytes, until the next call; none if nothing is in it.</returns>
    public ReadOnlySpan<byte> Build(uint key, ReadOnlySpan<ulong> pairs, TileFragments fragments, int first, int end)
    {
        var (column, row) = ((int)(key % (uint)grid.Columns), (int)(key / (uint)grid.Columns));
        Clear();
        foreach (var pair in pairs)
        {
            var id = (uint)pair;
            ref readonly var each = ref objects[id];
            if (each.Kind == ShapeKind.Point && each.Vertices == 1) points.Add(id);
            else if (IsTooSmall(each, grid)) Count(each, column, row);
            else candidates.Add(new Candidate(each.Extent, id, -1));
        }
        for (var i = first; i < end; i++) candidates.Add(new Candidate(objects[fragments[i].Id].Extent, fragments[i].Id, i));
        candidates.Sort((a, b) => a.Extent != b.Extent ? b.Extent.CompareTo(a.Extent) : a.Id.CompareTo(b.Id));

        var arePointsDrawn = points.Count <= (grid.Level == 0 ? MostPointsAtFullResolution : MostPoints);
        if (!arePointsDrawn) foreach (var id in points) Count(objects[id], column, row);
        var forPoints = arePointsDrawn ? points.Count * (TileFormat.ObjectSize + TileFormat.ColorSize + TileFormat.RingSize + TileFormat.VertexSize) : 0;
        Draw(fragments, column, row, (density.Objects > 0 ? MostBytesBesideCells : TileFormat.MostBytes) - forPoints);
        if (arePointsDrawn) foreach (var id in points) DrawWhole(id, column, row, TileFormat.MostBytes);

        if (encoder.Objects == 0 && density.Objects == 0) return default;
        if (grid.Level == 0) omissions.Crowded += density.Objects;
        density.Count(TileFormat.MostBytes - encoder.Bytes);
        return bytes.AsSpan(0, encoder.Write(bytes, density, grid.Level));
    }

    void Clear()
    {
        candidates.Clear();
        drawn.Clear();
        points.Clear();
        encoder.Clear();
        density.Clear();
    }

    void Draw(TileFragments fragments, int column, int row, int most)
    {
        var failures = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var candidate = candidates[i];
            var isDrawn = failures < MostFailures && (candidate.Fragment < 0 ? DrawWhole(candidate.Id, column, row, most) : DrawFragment(fragments, candidate, most));
            if (isDrawn)
            {
                drawn.Add(candidate);
                continue;
            }
            if (failures++ == 0 && density.Objects == 0)
            {
                // The rest is counted in cells: they need room.
                encoder.Shorten(Math.Min(most, MostBytesBesideCells));
                for (var cut = encoder.Objects; cut < drawn.Count; cut++) Count(objects[drawn[cut].Id], column, row);
                most = Math.Min(most, MostBytesBesideCells);
            }
            Count(objects[candidate.Id], column, row);
        }
    }

    bool DrawWhole(uint id, int column, int row, int most)
    {
        ref readonly var each = ref objects[id];
        objects.Load(each, shape, grid);
        vertices.Take(shape, column, row);
        if (vertices.WasThinned) NoteThinned(id, each);
        return encoder.TryAdd(objects.TileObjectOf(id, each), vertices.Rings, vertices.Vertices, most);
    }

    bool DrawFragment(TileFragments fragments, Candidate candidate, int most)
    {
        var fragment = fragments[candidate.Fragment];
        fragments.Read(fragment, fragmentRings, fragmentVertices);
        return encoder.TryAdd(objects.TileObjectOf(candidate.Id, objects[candidate.Id]), fragmentRings.AsSpan(0, fragment.Rings), fragmentVertices.AsSpan(0, 2 * fragment.Vertices), most);
    }

    void NoteThinned(uint id, in ObjectRecord each)
    {
        if (grid.Level == 0 && !each.Traits.HasFlag(ObjectTraits.Thinned) && thinned.Count < 1 << 16 && thinned.Add(id)) omissions.Thinned++;
    }

    /// <summary>Counts an object in the tile of its centre; the other tiles that it reaches do not count it.</summary>
    void Count(in ObjectRecord each, int column, int row)
    {
        double x = each.CenterX / grid.Downsample - column * (double)TileFormat.Edge, y = each.CenterY / grid.Downsample - row * (double)TileFormat.Edge;
        // A centre outside the slide belongs to the tile at the edge.
        var isHere = (x >= 0 || column == 0) && (y >= 0 || row == 0) && (x < TileFormat.Edge || column == grid.Columns - 1) && (y < TileFormat.Edge || row == grid.Rows - 1);
        if (isHere) density.Add(x, y, objects.Classes.NumberOf(each.Class), objects.Classes.ScoreOf(each));
    }
}
