using Slidebridge.Units;

namespace Slidebridge.Tests.Settings;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("512B", 512L)]
    [InlineData("50GB", 50_000_000_000L)]
    [InlineData("1.5GiB", 1_610_612_736L)]
    [InlineData("20kb", 20_000L)]
    [InlineData("2 TB", null)]
    [InlineData("50", null)]
    [InlineData("-1GB", null)]
    [InlineData("GB", null)]
    [InlineData("", null)]
    [InlineData("1e9B", null)]
    [InlineData("99999999TB", null)]
    public void An_amount_is_a_number_with_its_unit(string text, long? bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(999L, "999 B")]
    [InlineData(1_500L, "1.5 KB")]
    [InlineData(68_378_734_592L, "68.4 GB")]
    [InlineData(216_000_000L, "216 MB")]
    [InlineData(1_234_567_890_123_456L, "1235 TB")]
    public void A_reader_gets_three_digits(long bytes, string text) => Assert.Equal(text, ByteSize.About(bytes));
}
