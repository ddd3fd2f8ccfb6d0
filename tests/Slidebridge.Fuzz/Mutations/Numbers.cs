namespace Slidebridge.Fuzz.Mutations;

/// <summary>Numbers at which parsers break: extremes, and what is near the true value, the object's length, another field.</summary>
static class Numbers
{
    public static long Extreme(int size, Random random)
    {
        var bits = size * 8;
        var most = bits == 64 ? -1L : (1L << bits) - 1;
        return random.Next(9) switch
        {
            0 => 0,
            1 => 1,
            2 => most,
            3 => most - 1,
            4 => (1L << bits - 1) - 1,
            5 => 1L << bits - 1,
            6 => 1L << random.Next(bits),
            7 => (1L << random.Next(bits)) - 1,
            _ => random.NextInt64(),
        };
    }

    /// <summary>A value for a field that now has <paramref name="value"/>.</summary>
    /// <param name="value">What it is.</param>
    /// <param name="field">Which it is.</param>
    /// <param name="other">Another field's value.</param>
    /// <param name="length">The object's.</param>
    /// <param name="random">The case's.</param>
    public static long Near(long value, Field field, long other, int length, Random random) => random.Next(12) switch
    {
        0 => value + 1,
        1 => value - 1,
        2 => value * 2,
        3 => value / 2,
        4 => value + random.Next(-64, 65),
        5 => other,
        6 => length - random.Next(-2, 20),
        7 => random.Next(length + 1),
        8 => field.Offset,
        9 => random.Next(256),
        _ => Extreme(field.Size, random),
    };
}
