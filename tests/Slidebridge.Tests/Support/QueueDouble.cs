using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Tests.Support;

/// <param name="Body">The message.</param>
/// <param name="Group">The message group of a FIFO queue.</param>
/// <param name="Id">The attribute <c>id</c>.</param>
sealed record QueuedMessage(string Body, string? Group, string Id)
{
    public JsonNode Json { get; } = JsonNode.Parse(Body)!;

    public string Told => $"{Json["type"]} {Json["data"]!["task"] ?? Json["data"]!["group"]}";
}

/// <summary>
/// Amazon SQS's JSON protocol on loopback, as strict as its reference: the target, each member, the rules of FIFO queues, and the whole Signature Version 4, which is computed again from the request.
/// </summary>
sealed partial class QueueDouble : IAsyncDisposable
{
    public const string KeyId = "AKIDEXAMPLEOFATEST00", Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYtestOfTheQueue";

    /// <summary>The AWS SDK finds credentials in the environment first.</summary>
    public static void GiveCredentials()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", KeyId);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Secret);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }

    static readonly string[] Members = ["QueueUrl", "MessageBody", "MessageAttributes", "MessageGroupId", "MessageDeduplicationId"];

    readonly WebApplication app;
    readonly string queue;
    readonly ConcurrentDictionary<string, bool> known = new();
    readonly ConcurrentQueue<QueuedMessage> messages = new();
    readonly ConcurrentQueue<string> wrong = new();
    int requests;

    QueueDouble(string queue)
    {
        this.queue = queue;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    /// <summary>Where the API is called.</summary>
    public Uri Endpoint => new(app.Urls.First());

    /// <summary>The queue's URL on this server.</summary>
    public Uri Url => new(Endpoint, $"/123456789012/{queue}");

    /// <summary>The error of a request by its number from 1, and whether the message is stored all the same; null: none.</summary>
    public Func<int, (int Status, string Code, bool IsStored)?> Fault { get; set; } = _ => null;

    /// <summary>What consumers get: in a FIFO queue, without repeats.</summary>
    public IReadOnlyList<QueuedMessage> Messages => [.. messages];

    public IReadOnlyList<string> Wrong => [.. wrong];

    public int Requests => Volatile.Read(ref requests);

    bool IsFifo => queue.EndsWith(".fifo", StringComparison.Ordinal);

    public static async Task<QueueDouble> StartAsync(string queue)
    {
        var made = new QueueDouble(queue);
        await made.app.StartAsync();
        return made;
    }

    async Task AnswerAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref requests);
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        if (Authorization(context.Request, body) is { } refused)
        {
            wrong.Enqueue(refused);
            await FailAsync(context, 403, "InvalidSignatureException");
            return;
        }
        var json = JsonNode.Parse(body)!.AsObject();
        if (context.Request.Headers["X-Amz-Target"] == "AmazonSQS.GetQueueAttributes")
        {
            await WriteAsync(context, 200, new JsonObject { ["Attributes"] = new JsonObject { ["QueueArn"] = $"arn:aws:sqs:us-east-1:123456789012:{queue}" } });
            return;
        }
        if (Invalid(context.Request, json) is { } invalid)
        {
            wrong.Enqueue(invalid);
            await FailAsync(context, 400, "InvalidParameterValueException");
            return;
        }
        var fault = Fault(number);
        if (fault is null or { IsStored: true }) Store(json);
        if (fault is { } error)
        {
            await FailAsync(context, error.Status, error.Code);
            return;
        }
        await WriteAsync(context, 200, new JsonObject { ["MessageId"] = Guid.NewGuid().ToString(), ["MD5OfMessageBody"] = Md5(json["MessageBody"]!.GetValue<string>()) });
    }

    /// <summary>SQS answers with it, and the SDK compares.</summary>
#pragma warning disable CA5351
    static string Md5(string text) => Hex(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    void Store(JsonObject json)
    {
        var id = json["MessageAttributes"]!["id"]!["StringValue"]!.GetValue<string>();
        if (IsFifo && !known.TryAdd(json["MessageDeduplicationId"]!.GetValue<string>(), true)) return;
        messages.Enqueue(new QueuedMessage(json["MessageBody"]!.GetValue<string>(), json["MessageGroupId"]?.GetValue<string>(), id));
    }

    string? Invalid(HttpRequest request, JsonObject json)
    {
        if (request.Method != "POST" || request.Path != "/") return $"{request.Method} {request.Path}";
        if (request.Headers["X-Amz-Target"] != "AmazonSQS.SendMessage") return $"target {request.Headers["X-Amz-Target"]}";
        if (request.ContentType != "application/x-amz-json-1.0") return $"content type {request.ContentType}";
        if (json.FirstOrDefault(member => !Members.Contains(member.Key)).Key is { } unknown) return $"member {unknown}";
        if (json["QueueUrl"]?.GetValue<string>() is not { } url || new Uri(url).AbsolutePath != $"/123456789012/{queue}") return $"queue {json["QueueUrl"]}";
        if (json["MessageBody"]?.GetValue<string>() is not { Length: > 0 and < 262_144 }) return "no body";
        foreach (var (name, value) in json["MessageAttributes"]?.AsObject() ?? [])
            if (value?["DataType"]?.GetValue<string>() != "String" || value["StringValue"]?.GetValue<string>() is not { Length: > 0 }) return $"attribute {name}";
        foreach (var name in (string[])["MessageGroupId", "MessageDeduplicationId"])
            if (IsFifo ? !Allowed().IsMatch(json[name]?.GetValue<string>() ?? "") : json[name] is not null) return $"{name} {json[name]}";
        return null;
    }

    /// <summary>Signature Version 4: what the caller signed, computed again. Null: it is right.</summary>
    static string? Authorization(HttpRequest request, byte[] body)
    {
        if (Signed().Match(request.Headers.Authorization.ToString()) is not { Success: true } parts) return $"authorization {request.Headers.Authorization}";
        var (key, day, region, names, signature) = (parts.Groups[1].Value, parts.Groups[2].Value, parts.Groups[3].Value, parts.Groups[4].Value, parts.Groups[5].Value);
        if (key != KeyId) return $"key {key}";
        var date = request.Headers["X-Amz-Date"].ToString();
        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || (DateTimeOffset.UtcNow - at).Duration() > TimeSpan.FromMinutes(5) || !date.StartsWith(day, StringComparison.Ordinal)) return $"date {date}";
        foreach (var needed in (string[])["host", "x-amz-date", "x-amz-target"])
            if (!names.Split(';').Contains(needed)) return $"{needed} is not signed";
        var headers = string.Concat(names.Split(';').Select(name => $"{name}:{(name == "host" ? request.Host.Value : string.Join(',', request.Headers[name].ToArray()))!.Trim()}\n"));
        var canonical = $"{request.Method}\n{request.Path}\n\n{headers}\n{names}\n{Hex(SHA256.HashData(body))}";
        var text = $"AWS4-HMAC-SHA256\n{date}\n{day}/{region}/sqs/aws4_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var derived = new[] { day, region, "sqs", "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + Secret), (secret, part) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(text))) == signature ? null : "the signature is wrong";
    }

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    static Task FailAsync(HttpContext context, int status, string code) => WriteAsync(context, status, new JsonObject { ["__type"] = "com.amazonaws.sqs#" + code, ["message"] = "a fault of the test" });

    static async Task WriteAsync(HttpContext context, int status, JsonObject answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer.ToJsonString());
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, "application/x-amz-json-1.0", bytes.Length);
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        await context.Response.Body.WriteAsync(bytes);
    }

    /// <summary>Waits until something holds for the queue.</summary>
    public async Task UntilAsync(Func<QueueDouble, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds(this))
        {
            Assert.False(patience.IsCancellationRequested, $"It does not happen. Received: {string.Join(", ", Messages.Select(m => m.Told))}; wrong: {string.Join(", ", Wrong)}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.Empty(Wrong);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([a-z0-9-]+)/sqs/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$")]
    private static partial Regex Signed();

    [GeneratedRegex("^[a-zA-Z0-9!-/:-@\\[-`{-~]{1,128}$")]
    private static partial Regex Allowed();
}
