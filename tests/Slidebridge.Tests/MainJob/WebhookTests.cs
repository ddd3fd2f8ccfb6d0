using System.Net;
using System.Text;
using System.Text.Json;
using Slidebridge.Hosting;

namespace Slidebridge.Tests.MainJob;

/// <summary>What the webhook refuses, and the API around it.</summary>
public sealed class WebhookTests
{
    [Theory]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    [InlineData("[]", "$")]
    [InlineData("""{"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":"dGFzaw==","scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":-5,"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"model_id":"\ud800"}""", "$")]
    [InlineData("""{"task_id":5}""", "$.scans")]
    [InlineData("""{"task_id":5,"scans":{}}""", "$.scans")]
    [InlineData("""{"task_id":5,"scans":["http://h/a"]}""", "$.scans")]
    [InlineData("""{"task_id":5,"scans":{"one":"http://h/a"}}""", "$.scans")]
    [InlineData("""{"task_id":5,"scans":{"1":"file:///etc/passwd"}}""", "$.scans['1']")]
    [InlineData("""{"task_id":5,"scans":{"1":" https://x/../../../../../etc/passwd"}}""", "$.scans['1']")]
    [InlineData("""{"task_id":5,"scans":{"1":"https://h/a\nb"}}""", "$.scans['1']")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"scan_urls":{"1":["x"]}}""", "$.scan_urls['1'][0]")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"jwt_token":"a\nb"}""", "$.jwt_token")]
    public async Task A_body_that_cannot_be_taken_is_400_with_its_field_and_nothing_is_stored(string body, string field)
    {
        await using var bridge = await TestBridge.StartAsync();
        var answer = await bridge.PostAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_a_mebibyte_is_413_and_nothing_is_stored(bool chunked)
    {
        await using var bridge = await TestBridge.StartAsync();
        var body = Encoding.UTF8.GetBytes($$"""{"task_id":5,"scans":{"1":"http://h/a"},"more":"{{new string('x', 1 << 20)}}"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/webhook", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        var answer = await bridge.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task What_no_platform_sends_is_a_line_of_the_audit_log_without_a_word_of_the_body()
    {
        await using var bridge = await TestBridge.StartAsync();
        foreach (var body in (string[])["{ \"Jane Doe\": 1, \"Jane Doe\": 2 }", new string('x', 2 << 20)]) (await bridge.PostAsync(body)).Dispose();

        var lines = await bridge.AuditAsync(2, line => line.Action == "POST /webhook");
        Assert.All(lines, line => Assert.Equal(("unknown", "127.0.0.1", null), (line.Who, line.From, line.Role)));
        Assert.Equal(["refused: answered 400", "refused: answered 413 (2 times so far)"], lines.Select(line => line.Outcome));
    }

    [Fact]
    public async Task A_webhook_with_a_key_takes_tasks_with_it_only()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.WebhookKey, "s3cret-of-the-webhook")]);
        var task = await bridge.PrepareAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.PostAsync(task.Body)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.PostAsync(task.Body, "/webhook/s3creT-of-the-webhook")).StatusCode);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(task.Body, "/webhook/s3cret-of-the-webhook")).StatusCode);
        await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task Tasks_are_listed_by_state_and_page()
    {
        await using var bridge = await TestBridge.StartAsync();
        for (var i = 0; i < 3; i++) await bridge.CompleteAsync(await bridge.RequestAsync());
        var page = await bridge.GetJsonAsync("/api/tasks?state=completed&offset=1&limit=1");
        Assert.Equal(3, page.GetProperty("total").GetInt32());
        Assert.Single(page.GetProperty("tasks").EnumerateArray());
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks?state=failed")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("/api/tasks?state=odd", 400)]
    [InlineData("/api/tasks?limit=0", 400)]
    [InlineData("/api/tasks/77", 404)]
    [InlineData("/api/tasks/x", 404)]
    [InlineData("/api/tasks/77/result", 404)]
    [InlineData("/api/tasks/77/scans/1/overlay.png", 404)]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/tasks/77", 404)]
    public async Task Every_address_answers_for_what_is_not_there(string path, int status)
    {
        await using var bridge = await TestBridge.StartAsync();
        Assert.Equal(status, (int)(await bridge.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("Host", "slides.example")]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Real-IP", "203.0.113.9")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Without_a_token_the_API_answers_nobody_by_another_name_or_through_a_proxy(string header, string value)
    {
        await using var bridge = await TestBridge.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/tasks", UriKind.Relative));
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(HttpStatusCode.Forbidden, (await bridge.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task With_a_token_the_API_answers_whoever_brings_it()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, "open-sesame-and-let-me-in")]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bridge.GetAsync("/api/tasks")).StatusCode);
        bridge.Http.DefaultRequestHeaders.Authorization = new("Bearer", "open-sesame-and-let-me-in");
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync("/api/tasks")).StatusCode);
    }

    [Fact]
    public async Task The_API_describes_itself()
    {
        await using var bridge = await TestBridge.StartAsync();
        var paths = (await bridge.GetJsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject().Select(p => p.Name).ToArray();
        foreach (var path in (string[])["/webhook", "/webhook/{key}", "/health/live", "/health/ready", "/api/tasks", "/api/tasks/{id}", "/api/tasks/{id}/result", "/api/tasks/{id}/scans/{scan}/overlay.png"])
            Assert.Contains(path, paths);
    }
}
