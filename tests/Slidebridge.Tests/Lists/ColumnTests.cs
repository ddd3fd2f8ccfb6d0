using Slidebridge.Lists;
using Slidebridge.Usage;

namespace Slidebridge.Tests.Lists;

public sealed class ColumnTests
{
    public static TheoryData<long[]> Numbers => new([], [0], [7, 7, 7], [1, 255, 3], [-5, 60_000], [1, 4_000_000_000], [long.MinValue, long.MaxValue, 0], [638_000_000_000_000_000, 638_000_000_000_000_001]);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_column_is_read_as_it_was_written(long[] numbers) => Assert.Equal(numbers, ColumnBytes.Decode(ColumnBytes.Encode(numbers)));

    [Theory]
    [InlineData(new byte[] { 1, 2 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void A_damaged_column_is_refused(byte[] bytes) => Assert.Throws<InvalidDataException>(() => ColumnBytes.Decode(bytes));

    [Fact]
    public void A_cursor_is_read_as_it_was_written()
    {
        foreach (var key in (TaskKey[])[TaskKey.First, TaskKey.Last, new(638_000_000_000_000_000, 185_714)])
        {
            Assert.True(TaskKey.TryParse(key.ToString(), out var read));
            Assert.Equal(key, read);
        }
        foreach (var text in (string[])["", "x", new string('A', 21), new string('A', 23), new string('?', 22), new string('ä', 22)]) Assert.False(TaskKey.TryParse(text, out _));
    }

    [Fact]
    public void Percentiles_are_those_of_the_sorted_values()
    {
        var random = new Random(1);
        for (var count = 1; count < 300; count++)
        {
            var values = Enumerable.Range(0, count).Select(_ => (float)random.Next(count % 7 == 0 ? 3 : 10_000)).ToArray();
            foreach (var percent in (int[])[1, 50, 95, 100])
                Assert.Equal((double)values.Order().ElementAt((count * percent + 99) / 100 - 1), Percentiles.Of([.. values], percent));
            Assert.Equal((Percentiles.Of([.. values], 50), Percentiles.Of([.. values], 95)), Percentiles.MedianAndP95([.. values]));
        }
        Assert.Null(Percentiles.Of([], 50));
        Assert.Equal((null, null), Percentiles.MedianAndP95([]));
    }
}
