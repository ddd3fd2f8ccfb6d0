using Slidebridge.Classifiers.Inference.Collecting;
using Slidebridge.Classifiers.Inference.Description;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>What overlapping tiles speak for, and what a large slide's map keeps.</summary>
public sealed class ModelGridTests
{
    [Theory]
    [InlineData(16, 16, 0)]
    [InlineData(16, 16, 8)]
    [InlineData(20, 14, 7)]
    [InlineData(12, 18, 3)]
    [InlineData(9, 9, 1)]
    public void Every_pixel_that_a_tile_saw_is_spoken_for_once_whichever_tiles_are_read(int width, int height, int overlap)
    {
        const int Columns = 6, Rows = 5;
        var input = new ModelInput(null, width, height, overlap, default, false, 0, 1, false, false, null);
        int stepX = width - overlap, stepY = height - overlap, right = (Columns - 1) * stepX + width - 3, bottom = (Rows - 1) * stepY + height - 2;
        var random = new Random(3);
        for (var round = 0; round < 60; round++)
        {
            var read = Enumerable.Range(0, Columns * Rows).Select(_ => random.Next(60) >= round).ToArray();
            var grid = new ModelGrid(Columns, Rows, input, right, bottom, (column, row) => read[row * Columns + column]);
            var (seen, spoken) = (new bool[right, bottom], new int[right, bottom]);
            for (var row = 0; row < Rows; row++)
                for (var column = 0; column < Columns; column++)
                {
                    if (!grid.IsRead(column, row)) continue;
                    for (var y = 0; y < height; y++)
                        for (var x = 0; x < width; x++)
                            if (column * stepX + x < right && row * stepY + y < bottom) seen[column * stepX + x, row * stepY + y] = true;
                    foreach (var part in grid.PartsOf(column, row))
                        for (var y = part.Top; y < part.Bottom; y++)
                            for (var x = part.Left; x < part.Right; x++) spoken[column * stepX + x, row * stepY + y]++;
                }
            for (var y = 0; y < bottom; y++)
                for (var x = 0; x < right; x++)
                    Assert.True(spoken[x, y] == (seen[x, y] ? 1 : 0), $"({x}, {y}) is spoken for {spoken[x, y]} times; round {round}");
        }
    }

    [Fact]
    public void A_tile_among_others_speaks_for_its_middle_in_one_part()
    {
        var grid = new ModelGrid(5, 5, new ModelInput(null, 64, 64, 16, default, false, 0, 1, false, false, null), 256, 256);
        Assert.Equal([new TilePart(8, 8, 56, 56)], grid.PartsOf(2, 2));
        Assert.Equal([new TilePart(0, 0, 56, 56)], grid.PartsOf(0, 0));
    }

    [Fact]
    public void The_map_of_a_large_slide_is_coarser_and_its_outlines_stay_in_place()
    {
        var map = new CoverageMap(30_000, 20_000);
        Assert.Equal(6, map.Scale);
        Assert.InRange((long)map.Width * map.Height, 1, CoverageMap.MostPixels);
        for (var y = 19_001; y < 20_000; y++)
            for (var x = 28_998; x < 30_000; x++) map.Add(x, y);
        var region = Assert.Single(map.Trace(0, 0, 0));
        Assert.Equal((28_998.0, 30_000.0, 20_000.0), (region.Outline.Min(p => p.X), region.Outline.Max(p => p.X), region.Outline.Max(p => p.Y)));
        Assert.Equal(19_001, region.Outline.Min(p => p.Y), 3.0);
    }
}
