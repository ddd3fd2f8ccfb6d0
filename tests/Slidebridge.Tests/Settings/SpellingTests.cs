using Slidebridge.Settings;

namespace Slidebridge.Tests.Settings;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("lst", "list")]
    [InlineData("--classfier", "--classifier")]
    [InlineData("tisue", "tissue")]
    [InlineData("rerty", "retry")]
    [InlineData("frob", null)]
    [InlineData("x", null)]
    public void A_slip_of_the_pen_finds_the_name_that_was_meant(string word, string? expected) =>
        Assert.Equal(expected, Spelling.Nearest(word, ["list", "show", "retry", "tissue", "boxes", "--classifier", "--as"]));
}
