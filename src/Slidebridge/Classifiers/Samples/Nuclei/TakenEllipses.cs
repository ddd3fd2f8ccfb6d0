namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>The ellipses that were accepted as nuclei; decides whether another one is new.</summary>
sealed class TakenEllipses
{
    /// <summary>The maximum share of an ellipse that others may cover: neighbouring nuclei overlap less.</summary>
    const float MostCovered = 0.38f;

    /// <summary>The edge of the squares in which ellipses are looked up; more than two half axes.</summary>
    const int Square = 32;

    readonly Dictionary<(int Column, int Row), List<Placed>> taken = [];
    readonly List<Placed> near = [];

    /// <summary>Accepts an ellipse if most of it lies outside the earlier ones, and most of each of those outside it. Otherwise false.</summary>
    public bool TryTake(Ellipse ellipse)
    {
        int column = (int)MathF.Floor(ellipse.X / Square), row = (int)MathF.Floor(ellipse.Y / Square);
        near.Clear();
        for (var r = row - 1; r <= row + 1; r++)
            for (var c = column - 1; c <= column + 1; c++)
                if (taken.TryGetValue((c, r), out var there))
                    foreach (var other in there)
                        if (other.Meets(ellipse)) near.Add(other);
        var placed = new Placed(ellipse);
        if (IsCovered(placed)) return false;
        if (!taken.TryGetValue((column, row), out var list)) taken[(column, row)] = list = [];
        list.Add(placed);
        return true;
    }

    bool IsCovered(Placed placed)
    {
        if (near.Count == 0) return false;
        var covered = 0;
        foreach (var (x, y) in placed.Points)
            foreach (var other in near)
                if (other.Contains(x, y))
                {
                    covered++;
                    break;
                }
        if (IsMost(covered)) return true;
        foreach (var other in near)
        {
            covered = 0;
            foreach (var (x, y) in other.Points)
                if (placed.Contains(x, y)) covered++;
            if (IsMost(covered)) return true;
        }
        return false;
    }

    static bool IsMost(int covered) => covered / (float)Ellipse.Points > MostCovered;

    /// <summary>An ellipse with precomputed values.</summary>
    sealed class Placed
    {
        readonly Ellipse ellipse;
        readonly float cos, sin;

        public Placed(Ellipse ellipse)
        {
            (this.ellipse, cos, sin) = (ellipse, MathF.Cos(ellipse.Angle), MathF.Sin(ellipse.Angle));
            ellipse.Inside(Points);
        }

        /// <summary>Points spread evenly over its inside.</summary>
        public (float X, float Y)[] Points { get; } = new (float, float)[Ellipse.Points];

        /// <summary>False if the other is too far away to overlap.</summary>
        public bool Meets(Ellipse other)
        {
            float dx = other.X - ellipse.X, dy = other.Y - ellipse.Y, reach = other.Long + ellipse.Long;
            return dx * dx + dy * dy <= reach * reach;
        }

        public bool Contains(float x, float y)
        {
            float dx = x - ellipse.X, dy = y - ellipse.Y;
            float u = (dx * cos + dy * sin) / ellipse.Long, v = (dy * cos - dx * sin) / ellipse.Short;
            return u * u + v * v <= 1;
        }
    }
}
