namespace Slidebridge.Objects;

/// <summary>Counts the objects of each listed class for the summary.</summary>
sealed class ClassCounts(ListedClasses classes)
{
    const int Bins = 32;

    readonly long[] counts = new long[256], points = new long[256], lines = new long[256], polygons = new long[256], colored = new long[256];
    readonly long[]?[] scores = new long[256][];

    public void Add(in ObjectRecord each)
    {
        var number = classes.NumberOf(each.Class);
        counts[number]++;
        (each.Kind switch { ShapeKind.Point => points, ShapeKind.Line => lines, _ => polygons })[number]++;
        if (each.Color != 0) colored[number]++;
        if (!each.HasScore || classes.RangeOf(number) is not var (low, high)) return;
        var bin = high > low ? Math.Min(Bins - 1, (int)(((double)each.Score - low) / ((double)high - low) * Bins)) : 0;
        (scores[number] ??= new long[Bins])[bin]++;
    }

    public IReadOnlyList<SummarizedClass> List(ClassNames names)
    {
        var colors = names.Colors();
        var listed = names.Names.Select((name, i) => (Number: (int)classes.NumberOf((ushort)i), name, Color: colors[i])).Where(each => each.Number != ClassNames.Other)
            .Append((Number: ClassNames.Other, name: ClassNames.Others, Color: 0xff808080));
        return [.. listed.Where(each => counts[each.Number] > 0).Select(each => Summarize(each.Number, each.name, each.Color))];
    }

    SummarizedClass Summarize(int number, string name, uint color) => new(
        number, name, $"#{color & 0xffffff:x6}", counts[number], points[number], lines[number], polygons[number], colored[number],
        classes.RangeOf(number)?.Lowest, classes.RangeOf(number)?.Highest, scores[number]);
}
