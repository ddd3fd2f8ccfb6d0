using System.Globalization;
using System.Text.Json;
using Slidebridge.Objects;

namespace Slidebridge.Comparison;

/// <summary>The objects of one scan of a result by class. Without an object of .NET for each, because a result may hold millions.</summary>
sealed class ScanShapes : IObjectReceiver
{
    /// <summary>Maximum vertices of one scan: 80 MB.</summary>
    public const long MostVertices = 10_000_000;

    /// <summary>Maximum classes of one scan: the comparison has a row for each.</summary>
    public const int MostClasses = 1000;

    readonly ClassNames names = new();
    readonly Dictionary<string, ClassShapes> classes = [];
    readonly CancellationToken cancellationToken;
    readonly string scanId;
    long vertices;

    ScanShapes(string scanId, CancellationToken cancellationToken) => (this.scanId, this.cancellationToken) = (scanId, cancellationToken);

    public IReadOnlyDictionary<string, ClassShapes> Classes => classes;

    /// <summary>Reads the objects.</summary>
    /// <param name="json">A valid result.</param>
    /// <param name="scanId">The scan; without a result it has no objects.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ComparisonException">The scan has too many vertices or classes.</exception>
    /// <exception cref="JsonException">The text is not a valid result.</exception>
    public static ScanShapes Read(ReadOnlySpan<byte> json, string scanId, CancellationToken cancellationToken)
    {
        var shapes = new ScanShapes(scanId, cancellationToken);
        new ResultObjects(shapes).Read(json, scanId);
        return shapes;
    }

    public void Receive(in FoundObject found)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (found.Shape.VertexCount == 0) return;
        vertices += found.Shape.VerticesRead;
        if (vertices > MostVertices) throw TooMany("vertices", MostVertices);
        var name = names.Names[names.NumberOf(found.ClassName)];
        if (!classes.TryGetValue(name, out var shapes))
        {
            if (classes.Count == MostClasses) throw TooMany("classes", MostClasses);
            classes[name] = shapes = new ClassShapes();
        }
        shapes.Add(found.Shape);
    }

    ComparisonException TooMany(string what, long most) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Scan {scanId} has more than {most} {what}, which is the most that can be compared."));
}
