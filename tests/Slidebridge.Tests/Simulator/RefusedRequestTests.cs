namespace Slidebridge.Tests.Simulation;

/// <summary>AI requests that cannot be made: 400 with a reason, and nothing is made.</summary>
public sealed class RefusedRequestTests
{
    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "an object")]
    [InlineData("[]", "JSON")]
    [InlineData("{}", "slides")]
    [InlineData("{\"slides\": []}", "at least one slide")]
    [InlineData("{\"slides\": null}", "slides")]
    [InlineData("{\"slides\": [null]}", "slides")]
    [InlineData("{\"slides\": \"a.svs\"}", "slides")]
    [InlineData("{\"slides\": [\"none.svs\"]}", "there is no 'none.svs'")]
    [InlineData("{\"slides\": [\"a.svs\", \"none.svs\"]}", "there is no 'none.svs'")]
    [InlineData("{\"slides\": [\"\"]}", "there is no ''")]
    [InlineData("{\"slides\": [\"more\"]}", "there is no 'more'")]
    [InlineData("{\"slides\": [\"../x\"]}", "there is no '../x'")]
    [InlineData("{\"slides\": [\"more/../../x\"]}", "there is no")]
    [InlineData("{\"slides\": [\"/etc/hostname\"]}", "there is no '/etc/hostname'")]
    [InlineData("{\"slides\": [\"a\\u0000.svs\"]}", "there is no")]
    [InlineData("{\"slides\": [\"a.svs\"], \"color\": 1}", "color")]
    [InlineData("{\"slides\": [\"a.svs\"], \"webhook\": null}", "webhook")]
    [InlineData("{\"slides\": [\"a.svs\"], \"webhook\": \"127.0.0.1:3000\"}", "webhook")]
    [InlineData("{\"slides\": [\"a.svs\"], \"webhook\": \"/webhook\"}", "webhook")]
    [InlineData("{\"slides\": [\"a.svs\"], \"webhook\": \"ftp://127.0.0.1/\"}", "webhook")]
    [InlineData("{\"slides\": [\"a.svs\"], \"model\": null}", "model")]
    [InlineData("{\"slides\": [\"a.svs\"], \"company_id\": 7}", "company_id")]
    [InlineData("{\"slides\": [\"a.svs\"], \"count\": 0}", "count")]
    [InlineData("{\"slides\": [\"a.svs\"], \"count\": 100001}", "count")]
    [InlineData("{\"slides\": [\"a.svs\"], \"count\": \"2\"}", "count")]
    [InlineData("{\"slides\": [\"a.svs\"], \"connections\": 0}", "connections")]
    [InlineData("{\"slides\": [\"a.svs\"], \"connections\": 1025}", "connections")]
    [InlineData("{\"slides\": [\"a.svs\"], \"expires_in\": -1}", "expires_in")]
    [InlineData("{\"slides\": [\"a.svs\"], \"expires_in\": 604801}", "expires_in")]
    [InlineData("{\"slides\": [\"a.svs\"], \"extra\": []}", "extra")]
    [InlineData("{\"slides\": [\"a.svs\"], \"extra\": {\"a\": 1, \"a\": 2}}", "a")]
    [InlineData("{\"slides\": [\"a.svs\"], \"case\": 5}", "case")]
    public async Task What_cannot_be_made_is_400_with_the_reason(string json, string reason)
    {
        await using var platform = await StandIn.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(platform.Simulator.Options.SlidesDirectory, "..", "x"), "outside", TestContext.Current.CancellationToken);
        var answer = await platform.PostAsync("/simulator/requests", json);
        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.Contains(reason, (string)answer.Json["detail"]!);
        Assert.Empty(platform.Simulator.State.Tasks);
    }

    [Fact]
    public async Task The_slides_there_are_are_listed()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal("""["a.svs","b.tiff","more/c.svs"]""", (await platform.GetAsync("/simulator/slides")).Text);
    }
}
