namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Fits a nucleus' ellipse to maps of one width, starting from a place inside it: first the best of a few shapes and directions, then small changes as long as they improve it.</summary>
/// <param name="width">Pixels in a row of the maps.</param>
sealed class EllipseFit(int width)
{
    const int MostRounds = 16;

    /// <summary>The half axes that a nucleus may have, in pixels of 0.5 µm.</summary>
    static readonly (float Least, float Most) Short = (2, 7), Long = (3.5f, 16);

    /// <summary>One for each position of the seed: whether it is half a pixel to the right, and half a pixel down.</summary>
    readonly FirstLook[] first = [new(0, 0, width), new(0.5f, 0, width), new(0, 0.5f, width), new(0.5f, 0.5f, width)];

    /// <summary>The rim of the current ellipse, which moves as a whole; and the rim of an ellipse that is tried in its place.</summary>
    readonly Rim own = new(32), other = new(32);

    Ellipse best;
    float edge;

    /// <param name="map">The map, with coordinates from the seed's pixel.</param>
    /// <param name="x">The seed's x from there: 0 or 0.5.</param>
    /// <param name="y">The seed's y from there: 0 or 0.5.</param>
    /// <returns>The ellipse, and how clear its edge is (<see cref="Rim.EdgeOf"/>).</returns>
    public (Ellipse Ellipse, float Edge) From(StainMap map, float x, float y)
    {
        best = first[(x > 0 ? 1 : 0) + (y > 0 ? 2 : 0)].Best(map);
        float cos = MathF.Cos(best.Angle), sin = MathF.Sin(best.Angle), step = 1;
        own.Take(best.Long, best.Short, cos, sin);
        edge = own.EdgeOf(map, best.X, best.Y);
        for (var round = 0; round < MostRounds; round++)
        {
            var (at, before) = (best, edge);
            float alongX = 1.5f * cos * step, alongY = 1.5f * sin * step, acrossX = -sin * step, acrossY = cos * step;
            Move(at with { X = at.X + alongX, Y = at.Y + alongY }, map);
            Move(at with { X = at.X - alongX, Y = at.Y - alongY }, map);
            Move(at with { X = at.X + acrossX, Y = at.Y + acrossY }, map);
            Move(at with { X = at.X - acrossX, Y = at.Y - acrossY }, map);
            Change(at with { Long = at.Long + step }, cos, sin, map);
            Change(at with { Long = at.Long - step }, cos, sin, map);
            Change(at with { Short = at.Short + 0.6f * step }, cos, sin, map);
            Change(at with { Short = at.Short - 0.6f * step }, cos, sin, map);
            Turn(at with { Angle = at.Angle + 0.2f * step }, map);
            Turn(at with { Angle = at.Angle - 0.2f * step }, map);
            if (edge > before)
            {
                if (best with { X = at.X, Y = at.Y } == at) continue; // The same rim at another place.
                (cos, sin) = (MathF.Cos(best.Angle), MathF.Sin(best.Angle));
                own.Take(best.Long, best.Short, cos, sin);
                continue;
            }
            if (step < 0.5f) break;
            step /= 2;
        }
        return (best, edge);
    }

    void Move(Ellipse moved, StainMap map) => Take(moved, own.EdgeOf(map, moved.X, moved.Y, least: edge));

    void Turn(Ellipse turned, StainMap map) => Change(turned, MathF.Cos(turned.Angle), MathF.Sin(turned.Angle), map);

    void Change(Ellipse changed, float cos, float sin, StainMap map)
    {
        if (changed.Short < Short.Least || changed.Short > Short.Most || changed.Long < Long.Least || changed.Long > Long.Most || changed.Short > changed.Long) return;
        other.Take(changed.Long, changed.Short, cos, sin);
        Take(changed, other.EdgeOf(map, changed.X, changed.Y, least: edge));
    }

    void Take(Ellipse tried, float found)
    {
        if (found > edge) (best, edge) = (tried, found);
    }
}
