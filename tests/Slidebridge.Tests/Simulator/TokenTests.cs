using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Slidebridge.Tests.Simulation;

public sealed class TokenTests
{
    const string Path = "/api/v3/token";

    [Fact]
    public async Task An_API_key_gets_a_token_by_basic_authentication()
    {
        await using var platform = await StandIn.StartAsync();
        var answer = await platform.AskTokenAsync();
        Assert.Equal(200, answer.Status);
        Assert.Equal("Bearer", (string?)answer.Json["token_type"]);
        Assert.NotEmpty((string)answer.Json["access_token"]!);
    }

    [Fact]
    public async Task An_API_key_gets_a_token_by_the_fields_of_the_form()
    {
        await using var platform = await StandIn.StartAsync(o => o with { ApiKeyId = "mine", ApiKeySecret = "s3:cret" });
        var answer = await platform.CallAsync(HttpMethod.Post, Path, content: Form(("grant_type", "client_credentials"), ("client_id", "mine"), ("client_secret", "s3:cret")));
        Assert.Equal(200, answer.Status);
        Assert.Equal(200, (await platform.AskTokenAsync("mine", "s3:cret")).Status);
    }

    [Theory]
    [InlineData("local-id", "wrong")]
    [InlineData("wrong", "local-secret")]
    [InlineData("", "")]
    [InlineData("local-id", "LOCAL-SECRET")]
    public async Task A_wrong_key_is_401(string id, string secret)
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(401, (await platform.AskTokenAsync(id, secret)).Status);
        Assert.Equal(401, (await platform.CallAsync(HttpMethod.Post, Path, content: Form(("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)))).Status);
    }

    [Fact]
    public async Task No_key_at_all_is_401()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(401, (await platform.CallAsync(HttpMethod.Post, Path, content: Form(("grant_type", "client_credentials")))).Status);
        Assert.Equal(401, (await platform.CallAsync(HttpMethod.Post, Path, content: Form(("grant_type", "client_credentials")), authorization: new("Basic", "no base64"))).Status);
    }

    [Fact]
    public async Task A_wrong_grant_or_no_form_is_400()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(400, (await platform.AskTokenAsync(grant: "password")).Status);
        Assert.Equal(400, (await platform.CallAsync(HttpMethod.Post, Path, content: Form(("client_id", "local-id"), ("client_secret", "local-secret")))).Status);
        Assert.Equal(400, (await platform.PostAsync(Path, """{"grant_type":"client_credentials"}""")).Status);
        Assert.Equal(400, (await platform.CallAsync(HttpMethod.Post, Path)).Status);
        Assert.Equal(400, (await platform.CallAsync(HttpMethod.Post, Path, content: new StringContent("x", Encoding.UTF8, "multipart/form-data"))).Status);
    }

    [Fact]
    public async Task A_token_tells_when_it_expires()
    {
        await using var platform = await StandIn.StartAsync(o => o with { KeyTokenLifetime = TimeSpan.FromMinutes(5) });
        var content = JsonNode.Parse(Base64Url.DecodeFromChars((await platform.KeyTokenAsync()).Split('.')[1]))!;
        Assert.Equal(platform.Clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(), (long)content["exp"]!);
    }

    static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
