using System.Net;
using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class TokenCommandTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_made_used_listed_and_revoked_and_the_audit_log_says_so()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var folder = new TemporaryFolder();
        string[] at = ["--url", bridge.Address.ToString()];

        var made = await Ran.AsAsync(TokenCommand.Create(), ["add", "anna", "--role", "viewer", "--company", "1234", "--expires", "90d", "--as", "root", .. at]);
        Assert.True(made.Code == 0, made.Error);
        Assert.Contains("anna (viewer, companies 1234) ends on", made.Error, StringComparison.Ordinal);
        var token = made.Out.Trim();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(bridge, token));
        var again = await Ran.AsAsync(TokenCommand.Create(), ["add", "anna", "--role", "admin", .. at]).AsFailure();
        Assert.Equal("There is already a token 'anna'; revoke it first, or choose another name.", again.Error);

        var listed = await Ran.AsAsync(TokenCommand.Create(), ["list", "--json", .. at]);
        var shown = JsonDocument.Parse(listed.Out).RootElement.EnumerateArray().Single();
        Assert.Equal(("anna", "viewer", "valid"), (shown.GetProperty("name").GetString(), shown.GetProperty("role").GetString(), shown.GetProperty("state").GetString()));
        Assert.True(shown.TryGetProperty("lastUsedAt", out _));
        Assert.DoesNotContain(token[^20..], listed.Out, StringComparison.Ordinal);

        Assert.Equal("The token of anna is revoked.", (await Ran.AsAsync(TokenCommand.Create(), ["revoke", "anna", "--as", "root", .. at])).Out.Trim());
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(bridge, token));
        Assert.Equal(1, (await Ran.AsAsync(TokenCommand.Create(), ["revoke", "anna", .. at]).AsFailure()).Code);

        var file = folder.File("audit.jsonl");
        List<JsonElement> lines;
        do
        {
            Assert.Equal(0, (await Ran.AsAsync(AuditCommand.Create(), ["export", "--out", file, .. at])).Code);
            lines = [.. (await File.ReadAllLinesAsync(file, Token)).Select(l => JsonDocument.Parse(l).RootElement)];
        }
        while (lines.Count < 4);
        Assert.Equal(["token add", "token revoke"], lines.Where(l => l.GetProperty("action").GetString()!.StartsWith("token", StringComparison.Ordinal)).Select(l => l.GetProperty("action").GetString()));
        Assert.All(lines.Take(2), l => Assert.Equal("root via this machine", l.GetProperty("who").GetString()));
        Assert.Contains(lines, l => l.GetProperty("action").GetString() == "sign-in" && l.GetProperty("who").GetString() == "unknown");
        Assert.Contains(lines, l => l.GetProperty("action").GetString() == "audit read");

        Assert.StartsWith("The audit log is intact: ", (await Ran.AsAsync(AuditCommand.Create(), ["verify", .. at])).Out, StringComparison.Ordinal);
        Assert.StartsWith($"The audit log is intact: {lines.Count} lines, 1 to {lines.Count}.", (await Ran.AsAsync(AuditCommand.Create(), ["verify", file])).Out, StringComparison.Ordinal);
        var last = lines[^1].GetProperty("hash").GetString()!;
        Assert.Equal(0, (await Ran.AsAsync(AuditCommand.Create(), ["verify", file, "--contains", last])).Code);

        // One byte.
        var text = await File.ReadAllTextAsync(file, Token);
        await File.WriteAllTextAsync(file, text.Replace("\"who\":\"root ", "\"who\":\"toor ", StringComparison.Ordinal), Token);
        var broken = await Ran.AsAsync(AuditCommand.Create(), "verify", file).AsFailure();
        Assert.Equal((1, "The audit log is not intact: line 1 was changed."), (broken.Code, broken.Error));
        // Lines that are missing at the end are found by a hash that was noted.
        await File.WriteAllLinesAsync(file, text.Split('\n').SkipLast(2), Token);
        Assert.Equal(0, (await Ran.AsAsync(AuditCommand.Create(), "verify", file)).Code);
        Assert.Contains("no line has the hash", (await Ran.AsAsync(AuditCommand.Create(), "verify", file, "--contains", last).AsFailure()).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{", Token);
        Assert.Contains("not a JSON object of an audit log", (await Ran.AsAsync(AuditCommand.Create(), "verify", file).AsFailure()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_arguments_are_one_sentence()
    {
        Assert.Equal(2, (await Ran.AsAsync(TokenCommand.Create(), "add", "anna", "--role", "owner")).Code);
        Assert.Equal((2, "--expires: 'soon' is not a time such as 90d or 12h."), await FailureAsync("add", "anna", "--role", "viewer", "--expires", "soon"));
        await using var bridge = await TestBridge.StartAsync();
        Assert.Contains("A token's name has", (await FailureAsync("add", "an na", "--role", "viewer", "--url", bridge.Address.ToString())).Error, StringComparison.Ordinal);
        Assert.Contains("An admin sees all companies", (await FailureAsync("add", "anna", "--role", "admin", "--company", "1", "--url", bridge.Address.ToString())).Error, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Error)> FailureAsync(params string[] arguments)
    {
        var ran = await Ran.AsAsync(TokenCommand.Create(), arguments).AsFailure();
        return (ran.Code, ran.Error);
    }

    static async Task<HttpStatusCode> CallAsync(TestBridge bridge, string token)
    {
        using var response = await bridge.SendAsync(HttpMethod.Get, "/api/tasks", token);
        return response.StatusCode;
    }
}
