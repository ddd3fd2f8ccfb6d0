using Slidebridge.Commands;

namespace Slidebridge.Tests.Commands;

public sealed class ListingTests
{
    static string[] Written(int? width, params string[][] rows)
    {
        var listing = new Listing(new("task"), new("state"), new("accepted"), new("company", IsOptional: true), new("node", IsOptional: true), new("last error"));
        foreach (var row in rows) listing.Add(row);
        using var output = new StringWriter();
        listing.Write(output, width);
        return output.ToString().TrimEnd().Split(Environment.NewLine);
    }

    static readonly string[] Row = ["1795820368675", "failed", "2026-11-27 22:29:03Z", "St. Mary's University Hospital", "worker-7f9c5d8b6-x2x4q-17-0c65", "The classifier failed with DivideByZeroException: Attempted to divide by zero."];

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void On_a_terminal_every_line_fits_and_the_number_is_whole(int width)
    {
        var lines = Written(width, Row, ["5", "completed", "2026-11-27 22:29:03Z", "7", "", ""]);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.StartsWith("1795820368675  failed     2026-11-27 22:29:03Z  ", lines[1], StringComparison.Ordinal);
        Assert.Equal(width > 100, lines[0].Contains("company", StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_pipe_nothing_is_cut_and_tabs_stand_between_the_columns() =>
        Assert.Equal(["task\tstate\taccepted\tcompany\tnode\tlast error", string.Join('\t', Row)], Written(null, Row));
}
