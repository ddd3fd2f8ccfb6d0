using Slidebridge.Hosting;
using Slidebridge.Settings;

namespace Slidebridge.Tests.Settings;

public sealed class SettingsTests
{
    static BridgeOptions Read(Dictionary<string, string[]>? flags = null, Dictionary<string, string>? variables = null, string? json = null)
    {
        SettingsFile? file = null;
        if (json is not null)
        {
            var path = Path.GetTempFileName();
            try
            {
                File.WriteAllText(path, json);
                file = SettingsFile.Read(path, ServeSettings.All);
            }
            finally
            {
                File.Delete(path);
            }
        }
        return BridgeOptions.From(new SettingValues(ServeSettings.All, s => flags?.GetValueOrDefault(s.Flag), name => variables?.GetValueOrDefault(name), file), "boxes");
    }

    [Fact]
    public void Without_settings_the_defaults_hold()
    {
        var options = Read();
        Assert.Equal(3000, options.Listen.Port);
        Assert.Equal("https://api.app.techcyte.com/", options.Platform.Address.ToString());
        Assert.Equal("./slidebridge-data", options.Data);
        Assert.Equal("boxes", Assert.Single(options.Classifier.Routes).Classifier);
        Assert.Equal(TimeSpan.FromHours(24), options.Delivery.Window);
    }

    [Fact]
    public void A_flag_wins_over_a_variable_and_a_variable_over_the_file()
    {
        const string json = """{ "port": 1, "host": "ci.techcyte.com", "classifier": "tissue", "allowHost": ["a", "b"] /* fine */ }""";
        var options = Read(new() { ["--port"] = ["3"] }, new() { ["SLIDEBRIDGE_PORT"] = "2", ["SLIDEBRIDGE_CLASSIFIER"] = "boxes" }, json);
        Assert.Equal(3, options.Listen.Port);
        Assert.Equal("boxes", Assert.Single(options.Classifier.Routes).Classifier);
        Assert.Equal("https://api.ci.techcyte.com/", options.Platform.Address.ToString());
        Assert.Equal(["a", "b"], options.Outbound.AllowedHosts.Select(host => host.Name));
    }

    [Fact]
    public void Variables_of_many_values_are_split_at_commas() =>
        Assert.Equal(["a", "b"], Read(variables: new() { ["SLIDEBRIDGE_ALLOW_HOST"] = "a, b" }).Outbound.AllowedHosts.Select(host => host.Name));

    [Theory]
    [InlineData("--port", "eighty", "--port: 'eighty' is not a whole number from 0 to 65535.")]
    [InlineData("--port", "70000", "--port: '70000' is not a whole number from 0 to 65535.")]
    [InlineData("--concurrency", "0", "--concurrency: '0' is not a whole number from 1 to 1024.")]
    [InlineData("--platform-url", "techcyte", "--platform-url: 'techcyte' is not an http or https URL.")]
    [InlineData("--host", "https://x", "--host: 'https://x' is not a host name; use app.techcyte.com or ci.techcyte.com (for a URL, use --platform-url).")]
    [InlineData("--delivery-window", "soon", "--delivery-window: 'soon' is not a time such as 500ms, 30s, 5m or 24h.")]
    [InlineData("--platform-timeout", "0s", "--platform-timeout: '0s' is not a time of 1ms or more.")]
    [InlineData("--api-key-id", "x", "--api-key-id and --api-key-secret must both be set; one of them is missing.")]
    [InlineData("--retry-first", "1h", "--retry-first is longer than --retry-longest.")]
    [InlineData("--webhook-key", "a/b", "--webhook-key: use only letters, digits and - _ . ~, which need no escaping in a URL.")]
    public void A_wrong_setting_is_named_in_one_line(string flag, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<SettingException>(() => Read(new() { [flag] = [value] })).Message);

    [Theory]
    [InlineData("--listen", "nowhere", "--listen: 'nowhere' is not an IP address, 'any' or 'localhost'.")]
    [InlineData("--role", "both", "--role: 'both' is not one of all, web, worker.")]
    [InlineData("--program-urls", "maybe", "--program-urls: 'maybe' is not yes or no.")]
    [InlineData("--largest-result", "10B", "--largest-result: '10B' is not an amount from 1KB to 1GiB.")]
    [InlineData("--serve", "a b", "--serve: 'a b' is not a name of letters, digits, -, _ and ..")]
    [InlineData("--trusted-proxy", "0.0.0.0/0", "--trusted-proxy: 0.0.0.0/0 contains nearly every address, and any caller could then claim a false address. Name the proxy's own address or network.")]
    [InlineData("--database", "Host=db;Username=u;Password=s3cret", "--database: SSL Mode is missing, and without it passwords and patients' results may cross the network unencrypted. Add 'SSL Mode=VerifyFull;Root Certificate=FILE', where FILE is the certificate authority of the database server.")]
    [InlineData("--database", "Password=s3cret", "--database: 'Host=…;Database=…;Username=…;Password=…' is the expected form: a connection string of PostgreSQL's .NET driver (Npgsql).")]
    public void A_value_of_another_kind_is_told_with_what_is_expected(string flag, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<SettingException>(() => Read(new() { [flag] = [value] })).Message);

    [Fact]
    public void A_provider_is_asked_over_HTTPS()
    {
        Dictionary<string, string[]> flags = new() { ["--oidc-authority"] = ["http://login.example"], ["--oidc-client"] = ["c"], ["--oidc-role"] = ["g=viewer"] };
        Assert.Equal("--oidc-authority must begin with https://.", Assert.Throws<SettingException>(() => Read(flags)).Message);
        flags["--oidc-authority"] = ["https://login.example"];
        Assert.NotNull(Read(flags).Api.SignIn);
    }

    [Fact]
    public void A_wrong_variable_is_named_as_it_was_given() =>
        Assert.Equal("SLIDEBRIDGE_PORT: 'x' is not a whole number from 0 to 65535.", Assert.Throws<SettingException>(() => Read(variables: new() { ["SLIDEBRIDGE_PORT"] = "x" })).Message);

    [Fact]
    public void Every_default_is_a_value_of_its_setting_and_no_two_settings_share_a_name()
    {
        _ = Read();
        Assert.Empty(ServeSettings.All.GroupBy(s => s.Name).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal(ServeSettings.All.Count, typeof(ServeSettings).GetFields().Count(field => field.FieldType.IsSubclassOf(typeof(Setting))));
    }

    [Fact]
    public void A_switch_of_the_file_may_be_true_or_false()
    {
        Assert.True(Read(json: """{ "keepUnknownFields": true }""").Webhook.KeepsUnknownFields);
        Assert.False(Read(json: """{ "keepUnknownFields": false }""").Webhook.KeepsUnknownFields);
        Assert.Contains("port must be a string or a number.", Assert.Throws<SettingException>(() => Read(json: """{ "port": true }""")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "prot": 1 }""", "there is no setting 'prot'")]
    [InlineData("""{ "port": {} }""", "port must be a string or a number")]
    [InlineData("""[1]""", "the file must be an object of settings")]
    [InlineData("""{ "port": """, "not valid JSON at line 1")]
    public void A_wrong_file_is_named_with_its_key(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<SettingException>(() => Read(json: json)).Message);

    [Fact]
    public void Options_print_no_secret()
    {
        var options = Read(new() { ["--api-key-id"] = ["id"], ["--api-key-secret"] = ["s3cret"], ["--webhook-key"] = ["s3cret-of-the-webhook"], ["--api-token"] = ["s3cret-of-the-bridge"] });
        Assert.DoesNotContain("s3cret", options.ToString());
    }

    [Theory]
    [InlineData("--webhook-key", "short")]
    [InlineData("--webhook-key", "aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("--webhook-key", "SOMETHING-ELSE-LONG")]
    [InlineData("--api-token", "change-me-change-me")]
    [InlineData("--api-token", "short")]
    public void A_weak_secret_is_refused_and_not_quoted(string flag, string secret)
    {
        var e = Assert.Throws<SettingException>(() => Read(new() { [flag] = [secret] }));
        Assert.StartsWith(flag, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, e.Message);
    }

    [Fact]
    public void A_secret_opens_one_door_only()
    {
        const string Secret = "d0or-kn0b-and-l4tch";
        Assert.Contains("--api-token", Assert.Throws<SettingException>(() => Read(new() { ["--webhook-key"] = [Secret], ["--api-token"] = [Secret] })).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<SettingException>(() => Read(new() { ["--webhook-key"] = [Secret, Secret] })).Message, StringComparison.Ordinal);
        Assert.Contains("at most two", Assert.Throws<SettingException>(() => Read(new() { ["--webhook-key"] = [Secret, Secret + "a", Secret + "b"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bridge_that_other_machines_can_reach_needs_a_webhook_key()
    {
        Assert.StartsWith("--webhook-key", Assert.Throws<SettingException>(() => Read(new() { ["--listen"] = ["any"] })).Message, StringComparison.Ordinal);
        Assert.StartsWith("--webhook-key", Assert.Throws<SettingException>(() => Read(new() { ["--listen"] = ["192.0.2.1"] })).Message, StringComparison.Ordinal);
        Assert.False(Read(new() { ["--listen"] = ["any"], ["--webhook-key"] = ["d0or-kn0b-and-l4tch"], ["--behind-proxy"] = ["yes"] }).Api.IsLoopback);
        Assert.True(Read([]).Api.IsLoopback);
    }

    [Fact]
    public void Nothing_of_a_patient_goes_over_plain_HTTP_to_another_machine()
    {
        Dictionary<string, string[]> open = new() { ["--listen"] = ["any"], ["--webhook-key"] = ["d0or-kn0b-and-l4tch"] };
        Assert.StartsWith("--listen: other machines would send patients' data over plain HTTP.", Assert.Throws<SettingException>(() => Read(open)).Message, StringComparison.Ordinal);
        Assert.True(Read(new(open) { ["--behind-proxy"] = ["yes"] }).Tls.IsBehindProxy);
        Assert.Equal("a.pem", Read(new(open) { ["--tls-cert"] = ["a.pem"] }).Tls.Certificate);
        Assert.Contains("--tls-cert", Assert.Throws<SettingException>(() => Read(new() { ["--tls-key"] = ["a.key"] })).Message, StringComparison.Ordinal);
        Assert.StartsWith("--platform-url: http://platform.example must begin with https://", Assert.Throws<SettingException>(() => Read(new() { ["--platform-url"] = ["http://platform.example"] })).Message, StringComparison.Ordinal);
    }
}
