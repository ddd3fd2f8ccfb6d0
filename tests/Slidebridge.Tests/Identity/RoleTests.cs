using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Hosting;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Identity;

/// <summary>Each role against each endpoint, by a table that is made from the endpoints themselves.</summary>
public sealed partial class RoleTests
{
    const string Shared = "b7e1-9c44-shared-by-all";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_says_its_role_or_that_it_is_open()
    {
        await using var bridge = await TestBridge.StartAsync();

        var silent = Endpoints(bridge).Where(e => Access.RoleOf(e) is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null).Select(e => e.RoutePattern.RawText);
        var open = Endpoints(bridge).Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText);

        Assert.Empty(silent);
        Assert.Equal(["/health/live", "/health/ready", "/webhook", "/webhook/{key}"], open.Order());
    }

    [Fact]
    public async Task Each_endpoint_answers_the_callers_that_have_its_role_and_no_others()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, Shared)]);
        var tokens = new Dictionary<Role, string>();
        foreach (var role in Roles.All) tokens[role] = await TokenAsync(bridge, $"{role}", role);
        var wrong = new List<string>();
        foreach (var endpoint in Endpoints(bridge).Where(e => Access.RoleOf(e) is not null))
        {
            var needed = Access.RoleOf(endpoint)!.Value;
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                Check(endpoint, "nobody", await CallAsync(bridge, endpoint, method, null), HttpStatusCode.Unauthorized);
                foreach (var role in Roles.All)
                {
                    var status = await CallAsync(bridge, endpoint, method, tokens[role]);
                    if (!role.Includes(needed)) Check(endpoint, role.Name(), status, HttpStatusCode.Forbidden);
                    else if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) wrong.Add($"{method} {endpoint.RoutePattern.RawText} answers {status} to {role.Name()}");
                }
            }
        }
        Assert.Empty(wrong);

        void Check(RouteEndpoint endpoint, string who, HttpStatusCode status, HttpStatusCode expected)
        {
            if (status != expected) wrong.Add($"{endpoint.RoutePattern.RawText} answers {status} to {who}");
        }
    }

    [Fact]
    public async Task A_caller_of_some_companies_sees_their_tasks_only()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, Shared)]);
        bridge.Http.DefaultRequestHeaders.Authorization = new("Bearer", Shared);
        var task = await bridge.RequestAsync();
        var company = (await bridge.CompleteAsync(task)).GetProperty("company").GetString()!;
        string own = await TokenAsync(bridge, "own", Role.Operator, company), other = await TokenAsync(bridge, "other", Role.Operator, company + "0");

        Assert.Equal(1, (await ReadAsync(bridge, "/api/tasks", own)).GetProperty("total").GetInt32());
        Assert.Equal(0, (await ReadAsync(bridge, "/api/tasks", other)).GetProperty("total").GetInt32());
        Assert.Equal(0, (await ReadAsync(bridge, $"/api/tasks?company={company}", other)).GetProperty("total").GetInt32());
        Assert.Equal(1, (await ReadAsync(bridge, "/api/usage", own)).GetArrayLength());
        Assert.Equal(0, (await ReadAsync(bridge, "/api/usage", other)).GetArrayLength());
        foreach (var endpoint in Endpoints(bridge).Where(e => e.RoutePattern.RawText!.StartsWith("/api/tasks/{id}", StringComparison.Ordinal)))
        {
            var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            Assert.Equal(HttpStatusCode.NotFound, await CallAsync(bridge, endpoint, method, other, task.TaskNumber));
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await bridge.SendAsync(HttpMethod.Get, "/metrics", own)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bridge.SendAsync(HttpMethod.Get, $"/api/tasks/{task.TaskNumber}/result", own)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bridge.SendAsync(HttpMethod.Post, $"/api/tasks/{task.TaskNumber}/redeliver", own)).StatusCode);
    }

    [Theory]
    [InlineData("""{ "name": "a", "role": "viewer", "companies": [] }""")]
    [InlineData("""{ "name": "a", "role": "viewer", "companies": [null] }""")]
    [InlineData("""{ "name": "a", "role": "viewer", "companies": [""] }""")]
    [InlineData("""{ "name": "a", "role": "viewer", "companies": ["1) ; token root (admin"] }""")]
    [InlineData("""{ "name": "a", "role": "admin", "companies": ["1"] }""")]
    [InlineData("""{ "name": "a\nb", "role": "viewer" }""")]
    [InlineData("""{ "name": null, "role": "viewer" }""")]
    [InlineData("""{ "name": "a", "role": "owner" }""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task A_token_that_says_something_odd_is_not_made(string body)
    {
        await using var bridge = await TestBridge.StartAsync();
        Assert.InRange((int)(await bridge.PostAsync(body, "/api/tokens")).StatusCode, 400, 409);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tokens")).GetArrayLength());
    }

    [Fact]
    public async Task The_API_s_description_says_each_role()
    {
        await using var bridge = await TestBridge.StartAsync();

        var paths = (await bridge.GetJsonAsync("/openapi/v1.json")).GetProperty("paths");

        Assert.Equal("operator", RoleIn(paths, "/api/tasks/{id}/retry", "post"));
        Assert.Equal("viewer", RoleIn(paths, "/api/tasks/{id}/result", "get"));
        Assert.Equal("admin", RoleIn(paths, "/api/tokens", "post"));
        Assert.False(paths.GetProperty("/health/live").GetProperty("get").TryGetProperty("security", out _));
    }

    static string? RoleIn(JsonElement paths, string path, string method) =>
        paths.GetProperty(path).GetProperty(method).GetProperty("security")[0].GetProperty("token")[0].GetString();

    static IEnumerable<RouteEndpoint> Endpoints(TestBridge bridge) => bridge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    static async Task<string> TokenAsync(TestBridge bridge, string name, Role role, params string[] companies)
    {
        using var response = await bridge.SendAsync(HttpMethod.Post, "/api/tokens", Shared, JsonContent.Create(new { name, role = role.Name(), companies = companies.Length > 0 ? companies : null }));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("text").GetString()!;
    }

    static async Task<HttpStatusCode> CallAsync(TestBridge bridge, RouteEndpoint endpoint, string method, string? token, long task = 1)
    {
        var path = endpoint.RoutePattern.RawText!.Replace("{id}", $"{task}", StringComparison.Ordinal).Replace("{scan}", "1", StringComparison.Ordinal).Replace("{classifier}", "boxes", StringComparison.Ordinal).Replace("{name}", "nobody", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{part:int}", "0", StringComparison.Ordinal).Replace("{url:int}", "0", StringComparison.Ordinal);
        path = Parameter().Replace(path, "0");
        Assert.DoesNotContain('{', path);
        // Not the content: a stream of events does not end.
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : "/" + path);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        using var response = await bridge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return response.StatusCode;
    }

    /// <summary>The other parameters, for which any number will do.</summary>
    [System.Text.RegularExpressions.GeneratedRegex(@"\{[^}]*\}")]
    private static partial System.Text.RegularExpressions.Regex Parameter();

    static async Task<JsonElement> ReadAsync(TestBridge bridge, string path, string token) => await (await bridge.SendAsync(HttpMethod.Get, path, token)).Content.ReadFromJsonAsync<JsonElement>(Token);
}
