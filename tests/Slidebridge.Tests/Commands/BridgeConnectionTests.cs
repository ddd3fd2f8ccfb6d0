using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class BridgeConnectionTests
{
    static readonly Setting[] Known = [.. ServeSettings.All, .. ClientSettings.Own];

    static BridgeConnection From(string? json, bool isNamed = false, params (string Variable, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        if (json is not null) File.WriteAllText(folder.File("slidebridge.json"), json);
        var file = json is null ? null : SettingsFile.Read(folder.File("slidebridge.json"), Known);
        return BridgeConnection.From(new SettingValues(Known, _ => null, name => variables.FirstOrDefault(v => v.Variable == name).Value, file), isNamed);
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:3000/")]
    [InlineData("""{"port": 4000}""", "http://127.0.0.1:4000/")]
    [InlineData("""{"port": 4000, "listen": "any"}""", "http://127.0.0.1:4000/")]
    [InlineData("""{"port": 4000, "listen": "::"}""", "http://[::1]:4000/")]
    [InlineData("""{"port": 4000, "listen": "192.0.2.7"}""", "http://192.0.2.7:4000/")]
    [InlineData("""{"url": "https://bridge.example"}""", "https://bridge.example/")]
    public void The_bridge_is_where_the_settings_say_that_it_listens(string? json, string expected) => Assert.Equal(expected, From(json).Url.ToString());

    [Fact]
    public void A_variable_wins_over_the_file() => Assert.Equal("http://127.0.0.1:5000/", From("""{"port": 4000}""", variables: ("SLIDEBRIDGE_PORT", "5000")).Url.ToString());

    [Fact]
    public void A_file_that_nobody_named_does_not_send_the_environments_token_elsewhere()
    {
        const string Elsewhere = """{"url": "https://elsewhere.example"}""";
        var refused = Assert.Throws<SettingException>(() => From(Elsewhere, variables: ("SLIDEBRIDGE_API_TOKEN", "a-token-of-the-tests-5f2")));
        Assert.Contains("--api-token comes from another source, so it is not sent to that bridge", refused.Message, StringComparison.Ordinal);
        Assert.Equal("https://elsewhere.example/", From(Elsewhere, isNamed: true, ("SLIDEBRIDGE_API_TOKEN", "a-token-of-the-tests-5f2")).Url.ToString());
        Assert.Equal("https://elsewhere.example/", From("""{"url": "https://elsewhere.example", "apiToken": "a-token-of-the-tests-5f2"}""").Url.ToString());
    }
}
