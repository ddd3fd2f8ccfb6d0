using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Slides;

namespace Slidebridge.Simulator.Requests;

/// <summary>Creates AI requests: 1. a task with its scans and their URLs, 2. the webhook's body, 3. the call.</summary>
sealed class AiRequests(SimulatorOptions options, PlatformState state, SlideLibrary slides, PresignedUrls urls, AccessTokens tokens) : IDisposable
{
    const int MostTasks = 100_000, MostConnections = 1024, LongestAnswer = 300;

    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };

    /// <exception cref="AiRequestException">The request cannot be created.</exception>
    public async Task<IReadOnlyList<SimulatedTask>> MakeAsync(AiRequest request, Uri server, CancellationToken cancellationToken)
    {
        var paths = Check(request);
        var made = Enumerable.Range(0, request.Count).Select(_ => Make(request, paths, server)).ToArray();
        if (request.Webhook.Length > 0)
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = request.Connections, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(made, parallel, async (task, c) => await CallAsync(task, c));
        }
        return made;
    }

    string[][] Check(AiRequest request)
    {
        if (request.Slides is not { Count: > 0 }) throw new AiRequestException("slides must contain at least one slide");
        if (request.Count is < 1 or > MostTasks) throw new AiRequestException($"count must be 1 to {MostTasks}");
        if (request.Connections is < 1 or > MostConnections) throw new AiRequestException($"connections must be 1 to {MostConnections}");
        if (request.ExpiresIn is < 0 or > 604800) throw new AiRequestException("expires_in must be 0 to 604800 seconds");
        if (request.Webhook.Length > 0 && !(Uri.TryCreate(request.Webhook, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new AiRequestException("webhook must be an http or https URL, or empty for the debug note");
        if (request.Stains?.Keys.FirstOrDefault(name => !request.Slides.Contains(name)) is { } unknown) throw new AiRequestException($"stains: '{unknown}' is not one of the request's slides");
        if (request.Case is { } number && state.FindCase(number) is null) throw new AiRequestException($"case: there is no task of case {number}; GET /simulator/requests lists the existing cases");
        return [.. request.Slides.Select(name => slides.Find(name) ?? throw new AiRequestException($"slides: there is no '{name}' in the slides' folder; GET /simulator/slides lists the existing slides"))];
    }

    SimulatedTask Make(AiRequest request, string[][] paths, Uri server)
    {
        var taskNumber = state.NextTask();
        var ofCase = (request.Case is { } number ? state.FindCase(number) : null) ?? state.NewCase();
        var lifetime = request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : options.UrlLifetime;
        var scans = ofCase.ScansOf(request.Slides, state.NextScan);
        var links = scans.Zip(paths, (scan, path) => (scan.Id, Urls: path.Select(file => urls.Sign(server, slides.Publish(file, scan.Id), lifetime)).ToArray())).ToArray();
        var token = tokens.Give(taskNumber, options.TaskTokenLifetime);

        var body = new JsonObject
        {
            ["company_id"] = request.Company,
            ["scans"] = new JsonObject(links.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Id, l.Urls[0]))),
            ["task_id"] = PlatformIds.Format("task", taskNumber),
            ["case_id"] = PlatformIds.Format("humanCase", ofCase.Number),
            ["model_name"] = request.Model,
        };
        if (request.IncludeScanUrls) body["scan_urls"] = new JsonObject(links.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Id, new JsonArray([.. l.Urls.Select(url => JsonValue.Create(url))]))));
        var stained = scans.Select(scan => (scan.Id, Stain: request.Stains?.GetValueOrDefault(scan.Slide) ?? request.Stain)).Where(scan => scan.Stain is not null).ToList();
        if (stained.Count > 0) body["stains"] = new JsonObject(stained.Select(scan => KeyValuePair.Create<string, JsonNode?>(scan.Id, new JsonObject { ["value"] = scan.Stain, ["stain_code"] = scan.Stain!.ToUpperInvariant() })));
        if (request.IncludeToken) body["jwt_token"] = token;
        foreach (var (name, value) in request.Extra ?? []) body[name] = value?.DeepClone();
        var task = new SimulatedTask { TaskNumber = taskNumber, Case = ofCase, Scans = scans, RequestedAt = options.Time.GetUtcNow(), Model = request.Model, WebhookUrl = request.Webhook.Length > 0 ? new Uri(request.Webhook) : null, Body = body.ToJsonString(), Token = token };
        state.Add(task);
        return task;
    }

    async Task CallAsync(SimulatedTask task, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var content = new StringContent(task.Body, Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(task.WebhookUrl, content, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            task.Webhook = new WebhookAnswer((int)response.StatusCode, answer.Length > LongestAnswer ? answer[..LongestAnswer] : answer, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            task.Webhook = new WebhookAnswer(0, e is OperationCanceledException ? "timed out" : e.GetBaseException().Message, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        state.Tell($"called the webhook for task {task.TaskNumber}: {(task.Webhook.Status == 0 ? task.Webhook.Answer : $"{task.Webhook.Status} {task.Webhook.Answer}")}");
    }

    public void Dispose() => http.Dispose();
}
