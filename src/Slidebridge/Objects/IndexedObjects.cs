namespace Slidebridge.Objects;

/// <summary>The table of objects and their vertices while the tiles are made.</summary>
sealed class IndexedObjects(MappedFile table, MappedFile? shapes, int count, ListedClasses classes)
{
    public uint Count { get; } = (uint)count;

    public ListedClasses Classes { get; } = classes;

    public ref readonly ObjectRecord this[uint id] => ref table.Slice<ObjectRecord>(IndexHeader.Size + (long)id * ObjectRecord.Size, 1)[0];

    /// <summary>Gives back memory, if much was read. References to objects must not be used any more.</summary>
    public void Release()
    {
        table.Release();
        shapes?.Release();
    }

    /// <summary>Loads an object's geometry as a level shows it.</summary>
    public void Load(in ObjectRecord each, LevelShape into, LevelGrid grid)
    {
        var scale = 1 / (ShapeBuffer.Parts * grid.Downsample);
        if (each.Shape < 0 || shapes is null)
        {
            into.Clear(each.Kind);
            into.Add(each.MinX / grid.Downsample, each.MinY / grid.Downsample);
            into.EndRing();
            return;
        }
        var rings = shapes.Slice<int>(each.Shape, 1)[0];
        into.Load(each.Kind, shapes.Slice<int>(each.Shape + sizeof(int) * (1 + (long)rings), 2 * each.Vertices), shapes.Slice<int>(each.Shape + sizeof(int), rings), scale, ToleranceOf(grid));
    }

    /// <summary>How far an outline may move, pixels of the level.</summary>
    static double ToleranceOf(LevelGrid grid) => grid.Level == 0 ? 1.0 / TileFormat.Parts : 0.4;

    /// <summary>The object as a tile holds it.</summary>
    public TileObject TileObjectOf(uint id, in ObjectRecord each) => new(id, each.Color, Classes.NumberOf(each.Class), Classes.ScoreOf(each), each.Kind);
}
