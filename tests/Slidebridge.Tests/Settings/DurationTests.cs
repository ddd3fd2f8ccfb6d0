using Slidebridge.Units;

namespace Slidebridge.Tests.Settings;

public sealed class DurationTests
{
    [Theory]
    [InlineData("90m")]
    [InlineData("2s")]
    [InlineData("1500ms")]
    [InlineData("12h")]
    [InlineData("3d")]
    public void A_time_is_told_as_it_is_written(string text) => Assert.Equal(text, Duration.Text(Duration.Parse(text)!.Value));

    [Theory]
    [InlineData("120s", "2m")]
    [InlineData("1.5s", "1500ms")]
    [InlineData("24h", "1d")]
    public void In_the_largest_unit_of_which_it_is_a_whole_number(string text, string told) => Assert.Equal(told, Duration.Text(Duration.Parse(text)!.Value));
}
