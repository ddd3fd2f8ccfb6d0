using Slidebridge.Commands;

namespace Slidebridge.Tests.Commands;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "1 a\n", "1 a\n")]
    [InlineData("1 a\n", "1 a\n", "")]
    [InlineData("1 a\n", "1 a\n2 b\n", "2 b\n")]
    [InlineData("1 a\n2 b\n", "…\n2 b\n3 c\n", "3 c\n")] // The oldest lines were dropped.
    [InlineData("1 a\n2 b\n", "…\n3 c\n4 d\n", "…\n3 c\n4 d\n")] // All that was shown was dropped.
    [InlineData("1 a\n2 b\n", "7 x\n", "7 x\n")] // Another run.
    [InlineData("1 a\n at B()\n", "7 x\n at B()\n", "7 x\n at B()\n")] // Another run that fails in the same way.
    [InlineData("…\n1 a\n at B()\n", "…\n at B()\n2 c\n at B()\n", "2 c\n at B()\n")]
    [InlineData("1 a\n2 b\n", "", "")]
    public void Only_what_was_added_is_shown(string shown, string text, string added) => Assert.Equal(added, LogText.After(shown, text));
}
