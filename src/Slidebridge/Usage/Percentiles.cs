namespace Slidebridge.Usage;

/// <summary>Percentiles by nearest rank.</summary>
static class Percentiles
{
    /// <summary>Half of the values, and 95 of 100, are at most these; null if there is no value.</summary>
    public static (double? Median, double? P95) MedianAndP95(Span<float> values)
    {
        var median = Of(values, 50);
        if (values.IsEmpty) return (median, null);
        // The values up to the median's place are now the smallest.
        var (middle, place) = (PlaceOf(values.Length, 50), PlaceOf(values.Length, 95));
        return (median, Math.Round(Select(values[middle..], place - middle), 3));
    }

    /// <summary>The smallest value that is not exceeded by this many of 100 values; null if there is none. Changes the order of the values, and takes time in proportion to their number.</summary>
    public static double? Of(Span<float> values, int percent) =>
        values.IsEmpty ? null : Math.Round(Select(values, PlaceOf(values.Length, percent)), 3);

    static int PlaceOf(int count, int percent) => (int)(((long)count * percent + 99) / 100) - 1;

    /// <summary>The value that would be at a place if the values were sorted (C. A. R. Hoare, Algorithm 65: FIND).</summary>
    static float Select(Span<float> values, int place)
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var pivot = Middle(values[low], values[(low + high) / 2], values[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot) i++;
                while (values[j] > pivot) j--;
                if (i > j) continue;
                (values[i], values[j]) = (values[j], values[i]);
                (i, j) = (i + 1, j - 1);
            }
            if (place <= j) high = j;
            else if (place >= i) low = i;
            else break;
        }
        return values[place];
    }

    static float Middle(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
