using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

/// <summary>What goes wrong with a call.</summary>
sealed record BatchFault(int Status = 500, string Code = "ServerException", string Text = "a fault of the test")
{
    /// <summary>The operation is carried out all the same.</summary>
    public bool IsCarriedOut { get; init; }

    /// <summary>The connection is closed without an answer.</summary>
    public bool Breaks { get; init; }

    /// <summary>No answer comes before this ends.</summary>
    public Task? Until { get; init; }

    /// <summary>Sent in place of the answer.</summary>
    public byte[]? Body { get; init; }
}

/// <summary>
/// AWS Batch's REST API on loopback, as strict as its reference: the whole signature, the content type, each member's name and type, the limits of names, tags and pages. What breaks a rule is refused, and listed in <see cref="Wrong"/>.
/// </summary>
sealed partial class BatchDouble : IAsyncDisposable
{
    public const string Queue = "slidebridge-gpu", Definition = "slidebridge-worker", Region = "eu-central-1";

    static readonly string[] Statuses = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"];

    readonly WebApplication app;
    readonly List<JsonObject> jobs = [];
    readonly ConcurrentQueue<(string Operation, JsonObject Request)> calls = new();
    readonly ConcurrentQueue<string> wrong = new();
    readonly ConcurrentDictionary<string, string> tokens = new();
    long clock = 1_780_000_000_000;

    BatchDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public static async Task<BatchDouble> StartAsync()
    {
        var made = new BatchDouble();
        await made.app.StartAsync();
        return made;
    }

    public Uri Endpoint => new(app.Urls.First());

    public string SignedRegion { get; set; } = Region;

    public string? Token { get; set; }

    /// <summary>How far this server's clock is ahead of the machine's.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>The most entries of a page; the request's own limit counts too.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>By the operation and the number of its calls from 1; null: no fault.</summary>
    public Func<string, int, BatchFault?> Fault { get; set; } = (_, _) => null;

    public IReadOnlyList<string> Wrong => [.. wrong];

    public IReadOnlyList<JsonObject> Jobs
    {
        get { lock (jobs) return [.. jobs]; }
    }

    public IReadOnlyList<JsonObject> Calls(string operation) => [.. calls.Where(c => c.Operation == operation).Select(c => c.Request)];

    /// <summary>Adds a job as if somebody had submitted it.</summary>
    /// <param name="detail">What DescribeJobs adds to it.</param>
    /// <returns>Its number.</returns>
    public string Add(string name, string status = "RUNNABLE", string? group = "gpu", string detail = "{}")
    {
        lock (jobs)
        {
            var id = Guid.NewGuid().ToString();
            var job = new JsonObject
            {
                ["jobId"] = id,
                ["jobName"] = name,
                ["jobQueue"] = $"arn:aws:batch:{Region}:123456789012:job-queue/{Queue}",
                ["jobDefinition"] = $"arn:aws:batch:{Region}:123456789012:job-definition/{Definition}:3",
                ["jobArn"] = $"arn:aws:batch:{Region}:123456789012:job/{id}",
                ["status"] = status,
                ["createdAt"] = clock++,
                ["dependsOn"] = new JsonArray(),
                ["parameters"] = new JsonObject(),
                ["isCancelled"] = false,
                ["isTerminated"] = false,
                ["attempts"] = new JsonArray(),
                ["container"] = new JsonObject { ["image"] = "worker", ["vcpus"] = 4 },
                ["tags"] = new JsonObject(),
            };
            if (group is not null) job["tags"]!["slidebridge-fleet"] = group;
            foreach (var (key, value) in JsonNode.Parse(detail)!.AsObject()) job[key] = value?.DeepClone();
            jobs.Add(job);
            return id;
        }
    }

    public void Change(string id, string status)
    {
        lock (jobs) jobs.Single(j => Text(j, "jobId") == id)["status"] = status;
    }

    async Task AnswerAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        context.Response.Headers.Date = (DateTimeOffset.UtcNow + Ahead).ToString("R");
        var body = memory.ToArray();
        var request = new SignedRequest(context.Request.Method, context.Request.Path, context.Request.QueryString.Value!.TrimStart('?'), [.. context.Request.Headers.Select(h => KeyValuePair.Create(h.Key, string.Join(',', h.Value.ToArray())))], body);
        if (SignatureVersion4.Check(request, QueueDouble.KeyId, QueueDouble.Secret, Token, SignedRegion, "batch", DateTimeOffset.UtcNow + Ahead) is { } refused)
        {
            await FailAsync(context, 403, refused.Code, refused.Text);
            return;
        }
        var operation = context.Request.Path.Value switch { "/v1/submitjob" => "SubmitJob", "/v1/listjobs" => "ListJobs", "/v1/describejobs" => "DescribeJobs", "/v1/canceljob" => "CancelJob", "/v1/terminatejob" => "TerminateJob", _ => null };
        JsonObject? json = null;
        try
        {
            if (operation is null || request is not { Method: "POST", Query: "" }) throw new BatchRefusal($"{request.Method} {context.Request.Path}{context.Request.QueryString} is not an operation");
            if (context.Request.ContentType != "application/json") throw new BatchRefusal($"content type {context.Request.ContentType}");
            json = JsonNode.Parse(body) as JsonObject ?? throw new BatchRefusal("the body is not an object");
            calls.Enqueue((operation, json));
            var fault = Fault(operation, Calls(operation).Count);
            JsonObject answer = [];
            if (fault is null or { IsCarriedOut: true })
                lock (jobs) answer = Carry(operation, json);
            if (fault?.Until is { } until) await until;
            if (fault is { Breaks: true }) context.Abort();
            else if (fault?.Body is { } raw) await WriteAsync(context, 200, raw);
            else if (fault is not null) await FailAsync(context, fault.Status, fault.Code, fault.Text);
            else await WriteAsync(context, 200, Encoding.UTF8.GetBytes(answer.ToJsonString()));
        }
        catch (Exception e) when (e is BatchRefusal or JsonException or InvalidOperationException or FormatException)
        {
            if (e is not BatchRefusal { IsExpected: true }) wrong.Enqueue($"{operation}: {e.Message}");
            await FailAsync(context, 400, "ClientException", $"Error executing request, Exception : {e.Message}, RequestId: {Guid.NewGuid()}");
        }
    }

    JsonObject Carry(string operation, JsonObject json) => operation switch
    {
        "SubmitJob" => Submit(json),
        "ListJobs" => List(json),
        "DescribeJobs" => Describe(json),
        "CancelJob" => Stop(json, ["SUBMITTED", "PENDING", "RUNNABLE"], "isCancelled"),
        _ => Stop(json, ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"], "isTerminated"),
    };

    JsonObject Submit(JsonObject json)
    {
        Members(json, ["jobName", "jobQueue", "jobDefinition"], ["containerOverrides", "tags", "propagateTags", "retryStrategy", "timeout", "parameters", "dependsOn", "arrayProperties", "nodeOverrides", "shareIdentifier", "schedulingPriorityOverride", "eksPropertiesOverride", "ecsPropertiesOverride", "consumableResourcePropertiesOverride"]);
        if (!JobName().IsMatch(Text(json, "jobName"))) throw new BatchRefusal($"Job name '{json["jobName"]}' is invalid");
        CheckQueue(json);
        if (Text(json, "jobDefinition") != Definition) throw new BatchRefusal($"Job definition {json["jobDefinition"]} does not exist.") { IsExpected = true };
        if (json["retryStrategy"] is JsonObject retry)
        {
            Members(retry, [], ["attempts", "evaluateOnExit"]);
            if (retry["attempts"]!.GetValue<int>() is < 1 or > 10) throw new BatchRefusal("attempts must be 1 to 10");
        }
        if (json["propagateTags"] is { } propagate) _ = propagate.GetValue<bool>();
        if (json["containerOverrides"] is JsonObject overrides)
        {
            Members(overrides, [], ["environment", "command", "resourceRequirements", "instanceType", "vcpus", "memory"]);
            foreach (var variable in overrides["environment"]?.AsArray() ?? [])
            {
                Members(variable!.AsObject(), ["name", "value"], []);
                if (Text(variable, "name") is "" || Text(variable, "name").StartsWith("AWS_BATCH", StringComparison.Ordinal)) throw new BatchRefusal($"environment variable {variable["name"]}");
                _ = Text(variable, "value");
            }
        }
        var tags = json["tags"]?.AsObject() ?? [];
        if (tags.Count > 50) throw new BatchRefusal("more than 50 tags");
        foreach (var (key, value) in tags)
            if (!Tag().IsMatch(key) || key.Length is 0 or > 128 || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) || value!.GetValue<string>() is not { Length: <= 256 } text || !Tag().IsMatch(text)) throw new BatchRefusal($"tag {key}");
        var id = Add(Text(json, "jobName"), "SUBMITTED", null, new JsonObject { ["tags"] = tags.DeepClone() }.ToJsonString());
        return new JsonObject { ["jobArn"] = $"arn:aws:batch:{Region}:123456789012:job/{id}", ["jobName"] = Text(json, "jobName"), ["jobId"] = id };
    }

    JsonObject List(JsonObject json)
    {
        Members(json, [], ["jobQueue", "arrayJobId", "multiNodeJobId", "jobStatus", "maxResults", "nextToken", "filters"]);
        CheckQueue(json);
        if (json["jobStatus"] is not null && json["filters"] is not null) throw new BatchRefusal("a filter makes Batch ignore jobStatus");
        if (json["jobStatus"] is { } status && !Statuses.Contains(status.GetValue<string>())) throw new BatchRefusal($"jobStatus {status}");
        var most = json["maxResults"]?.GetValue<int>() ?? 100;
        if (most is < 1 or > 100) throw new BatchRefusal("maxResults must be 1 to 100");
        var filter = json["filters"]?.AsArray() is { } filters ? filters.Count == 1 ? filters[0]!.AsObject() : throw new BatchRefusal("one filter can be used at a time") : throw new BatchRefusal("without a filter, only RUNNING jobs are listed");
        Members(filter, ["name", "values"], []);
        if (Text(filter, "name") != "JOB_NAME") throw new BatchRefusal($"filter {filter["name"]}");
        var name = filter["values"]!.AsArray().Single()!.GetValue<string>();
        if (name is "" || name.TrimEnd('*').Contains('*', StringComparison.Ordinal)) throw new BatchRefusal($"value {name}");
        var matching = jobs.Where(j => name.EndsWith('*') ? Text(j, "jobName").StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase) : Text(j, "jobName").Equals(name, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(j => j["createdAt"]!.GetValue<long>()).ToList();
        var from = 0;
        if (json["nextToken"]?.GetValue<string>() is { } token)
        {
            if (!tokens.TryRemove(token, out var given) || given.Split('|', 2)[1] != name) throw new BatchRefusal($"nextToken {token}");
            from = int.Parse(given.Split('|', 2)[0], System.Globalization.CultureInfo.InvariantCulture);
        }
        var page = matching.Skip(from).Take(Math.Min(most, PageSize)).ToList();
        var answer = new JsonObject
        {
            ["jobSummaryList"] = new JsonArray([.. page.Select(j => (JsonNode)new JsonObject
            {
                ["jobArn"] = Text(j, "jobArn"), ["jobId"] = Text(j, "jobId"), ["jobName"] = Text(j, "jobName"), ["createdAt"] = j["createdAt"]!.GetValue<long>(), ["status"] = Text(j, "status"), ["container"] = new JsonObject(),
            })]),
        };
        if (from + page.Count < matching.Count)
        {
            var next = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
            tokens[next] = $"{from + page.Count}|{name}";
            answer["nextToken"] = next;
        }
        return answer;
    }

    JsonObject Describe(JsonObject json)
    {
        Members(json, ["jobs"], []);
        var ids = json["jobs"]!.AsArray().Select(id => id!.GetValue<string>()).ToList();
        if (ids.Count is 0 or > 100) throw new BatchRefusal("jobs must have 1 to 100 entries");
        return new JsonObject { ["jobs"] = new JsonArray([.. jobs.Where(j => ids.Contains(Text(j, "jobId"))).Select(j => j.DeepClone())]) };
    }

    JsonObject Stop(JsonObject json, string[] from, string flag)
    {
        Members(json, ["jobId", "reason"], []);
        var (id, reason) = (Text(json, "jobId"), Text(json, "reason"));
        if (reason.Length is 0 or > 512) throw new BatchRefusal("reason");
        var job = jobs.SingleOrDefault(j => Text(j, "jobId") == id) ?? throw new BatchRefusal($"Job {id} does not exist.") { IsExpected = true };
        if (from.Contains(Text(job, "status"))) (job["status"], job["statusReason"], job[flag]) = ("FAILED", reason, true);
        return [];
    }

    static void CheckQueue(JsonObject json)
    {
        if (Text(json, "jobQueue") != Queue) throw new BatchRefusal($"JobQueue arn:aws:batch:{Region}:123456789012:job-queue/{json["jobQueue"]} not found.") { IsExpected = true };
    }

    static void Members(JsonObject json, string[] needed, string[] optional)
    {
        if (needed.FirstOrDefault(name => json[name] is null) is { } missing) throw new BatchRefusal($"{missing} is missing");
        if (json.Select(member => member.Key).FirstOrDefault(name => !needed.Contains(name) && !optional.Contains(name)) is { } unknown) throw new BatchRefusal($"{unknown} is unknown");
        if (json.FirstOrDefault(member => member.Value is null).Key is { } empty) throw new BatchRefusal($"{empty} is null");
    }

    static string Text(JsonNode? json, string member) => json![member]!.GetValue<string>();

    static Task FailAsync(HttpContext context, int status, string code, string text)
    {
        context.Response.Headers["x-amzn-ErrorType"] = code + ":http://internal.amazon.com/coral/com.amazonaws.batch/";
        return WriteAsync(context, status, Encoding.UTF8.GetBytes(new JsonObject { ["message"] = text }.ToJsonString()));
    }

    static async Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, "application/json", body.Length);
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        await context.Response.Body.WriteAsync(body);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$")]
    private static partial Regex JobName();

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+@-]*$")]
    private static partial Regex Tag();

    /// <param name="message">As Batch says it in a ClientException.</param>
    sealed class BatchRefusal(string message) : Exception(message)
    {
        /// <summary>The request has the right form.</summary>
        public bool IsExpected { get; init; }
    }
}
