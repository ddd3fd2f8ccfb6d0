namespace Slidebridge.Objects;

/// <summary>For each class its listed number, and the range of the scores of each listed one.</summary>
sealed class ListedClasses
{
    readonly byte[] numbers;
    readonly float[] lowest = new float[256], highest = new float[256];

    /// <param name="numbers">The listed number of each class, by its number.</param>
    public ListedClasses(byte[] numbers)
    {
        this.numbers = numbers;
        Array.Fill(lowest, float.PositiveInfinity);
        Array.Fill(highest, float.NegativeInfinity);
    }

    public byte NumberOf(ushort @class) => numbers[@class];

    /// <summary>Extends the range of a class's scores.</summary>
    public void Widen(ushort @class, float score)
    {
        var number = numbers[@class];
        lowest[number] = Math.Min(lowest[number], score);
        highest[number] = Math.Max(highest[number], score);
    }

    /// <summary>The lowest and highest score of a listed class; null if its objects have none.</summary>
    public (float Lowest, float Highest)? RangeOf(int listed) => lowest[listed] <= highest[listed] ? (lowest[listed], highest[listed]) : null;

    /// <summary>A score in a tile: 1 to 255 from the class's lowest to its highest; 0 without a score.</summary>
    public byte ScoreOf(in ObjectRecord each)
    {
        if (!each.HasScore) return 0;
        var number = numbers[each.Class];
        double low = lowest[number], high = highest[number];
        return high > low ? (byte)(1 + Math.Round((each.Score - low) / (high - low) * 254)) : (byte)255;
    }
}
