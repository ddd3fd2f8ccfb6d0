using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>Receives the objects of a result: writes their rows to the index and their vertices to a temporary file.</summary>
sealed class ObjectTable : IObjectReceiver, IDisposable
{
    readonly RingCrossing crossing = new();
    readonly FileStream rows;
    readonly FileStream shapes;
    readonly Omissions omissions;
    readonly CancellationToken cancellationToken;
    double minX = double.PositiveInfinity, minY = double.PositiveInfinity, maxX = double.NegativeInfinity, maxY = double.NegativeInfinity;
    long written;

    /// <param name="rows">The index, where the table begins.</param>
    /// <param name="folder">For the temporary file.</param>
    /// <param name="omissions">Counts what cannot be drawn.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public ObjectTable(FileStream rows, string folder, Omissions omissions, CancellationToken cancellationToken)
    {
        (this.rows, this.omissions, this.cancellationToken) = (rows, omissions, cancellationToken);
        shapes = new FileStream(Path.Combine(folder, IndexFiles.Temporary()), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 1 << 18 });
    }

    public int Count { get; private set; }

    public long VerticesRead { get; private set; }

    public ClassNames Classes { get; } = new();

    /// <summary>The box of all objects, level-0 pixels.</summary>
    public double[]? Box => Count == 0 ? null : [minX, minY, maxX, maxY];

    /// <summary>The right and lower edge of all objects, for a slide whose size is unknown.</summary>
    public (double Width, double Height) Extent => (Math.Clamp(Count == 0 ? 1 : maxX + 1, 1, ShapeBuffer.Farthest / 32), Math.Clamp(Count == 0 ? 1 : maxY + 1, 1, ShapeBuffer.Farthest / 32));

    public void Receive(in FoundObject found)
    {
        if ((Count & 0xfff) == 0) cancellationToken.ThrowIfCancellationRequested();
        var shape = found.Shape;
        VerticesRead += shape.VerticesRead;
        if (shape.VertexCount == 0)
        {
            omissions.Empty++;
            return;
        }
        if (shape.WasMoved) omissions.Moved++;
        if (shape.WasThinned) omissions.Thinned++;
        var number = Classes.NumberOf(found.ClassName);
        if (found.ClassName.IsEmpty || Classes.Names[number] == ClassNames.Unnamed) omissions.Unnamed++;
        Add(RowOf(found, number));
    }

    ObjectRecord RowOf(in FoundObject found, ushort number)
    {
        var shape = found.Shape;
        int left = int.MaxValue, top = int.MaxValue, right = int.MinValue, bottom = int.MinValue;
        var xy = shape.Vertices;
        for (var i = 0; i < xy.Length; i += 2)
        {
            left = Math.Min(left, xy[i]);
            right = Math.Max(right, xy[i]);
            top = Math.Min(top, xy[i + 1]);
            bottom = Math.Max(bottom, xy[i + 1]);
        }
        // Of an outline with fewer vertices, a crossing may be the thinning's.
        var crosses = shape.Kind != ShapeKind.Polygon ? false : shape.WasThinned ? null : crossing.Test(shape);
        if (crosses is null) omissions.NotTested++;
        if (crosses is true) omissions.Crossing++;
        const float scale = 1f / ShapeBuffer.Parts;
        return new ObjectRecord
        {
            MinX = left * scale,
            MinY = top * scale,
            MaxX = right * scale,
            MaxY = bottom * scale,
            Score = ScoreOf(found.Score),
            Area = (float)shape.Area,
            Perimeter = (float)shape.Perimeter,
            Color = found.Color,
            SourceOffset = found.Source.Offset,
            SourceLength = found.Source.Length,
            Part = found.Part,
            Vertices = shape.VertexCount,
            Shape = shape.Kind == ShapeKind.Point && shape.VertexCount == 1 ? -1 : Store(shape),
            Class = number,
            Kind = shape.Kind,
            Traits = (found.IsCounted ? ObjectTraits.Counted : 0) | (shape.WasThinned ? ObjectTraits.Thinned : 0) | (shape.WasMoved ? ObjectTraits.Moved : 0) | (crosses is true ? ObjectTraits.Crossing : 0),
        };
    }

    float ScoreOf(double? score)
    {
        if (score is not { } value) return float.NaN;
        if (float.IsFinite((float)value)) return (float)value;
        omissions.ScoresOutOfRange++;
        return float.NaN;
    }

    long Store(ShapeBuffer shape)
    {
        var at = written;
        var rings = shape.RingEnds;
        Write(MemoryMarshal.AsBytes<int>([rings.Length]));
        Write(MemoryMarshal.AsBytes(rings));
        Write(MemoryMarshal.AsBytes(shape.Vertices));
        return at;
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        shapes.Write(bytes);
        written += bytes.Length;
    }

    void Add(in ObjectRecord row)
    {
        rows.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ObjectRecord>(in row)));
        minX = Math.Min(minX, row.MinX);
        minY = Math.Min(minY, row.MinY);
        maxX = Math.Max(maxX, row.MaxX);
        maxY = Math.Max(maxY, row.MaxY);
        Count++;
    }

    /// <summary>The vertices, once everything was received; null if there are none.</summary>
    public MappedFile? MapShapes() => written == 0 ? null : new MappedFile(shapes, written);

    public void Dispose() => shapes.Dispose();
}
