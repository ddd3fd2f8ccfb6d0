using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Api;
using Slidebridge.Classifiers;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Staging;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Webhook;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge send</c>: replays a debug request, to a bridge or locally.</summary>
static class SendCommand
{
    /// <summary>A pasted request can be as large as the webhook's limit, plus the added line breaks.</summary>
    const int LargestFile = 4 << 20;

    static readonly IReadOnlyList<Setting> Settings =
        [.. ClientSettings.All, ServeSettings.WebhookKey, .. ServeSettings.OfClassifiers, ServeSettings.AllowHost, ServeSettings.SlideHost, ServeSettings.DenyNetwork];

    public static Command Create(BridgeBuilder bridge)
    {
        var file = new Argument<string>("FILE") { Description = "The file with the request, or - for standard input." };
        var to = new Option<string?>("--to") { HelpName = "URL", Description = "The webhook. Without it: /webhook of --url, with the first --webhook-key." };
        var here = new Option<bool>("--run") { Description = "Classify the request's slides here, without a bridge, as 'run' does with files. Nothing is posted." };
        var command = new Command("send", """
            Replays a debug request, to a bridge or locally.

            FILE is a debug request as copied from the platform's task notes. Line breaks that the page put into the middle of a URL are
            removed. An expired token is removed: a bridge on this machine accepts the task without one.
            A task that a bridge has completed does not run again: the command says so, and what to do.

            With --run no bridge is needed: the command reads the slides from the request's URLs, runs the classifier of --classifier or
            --config, writes the same files as 'slidebridge run', and posts nothing. Slides on this machine or in a private network need
            --allow-host.

            Exit code: 0 the task runs, or ran here; 1 nothing runs, or it failed; 2 wrong arguments; 130 interrupted.

            Examples:
              slidebridge send request.txt --to http://127.0.0.1:3000/webhook
              slidebridge send request.txt --run --classifier python:mitosis.py
            """)
        { file, to, here };
        var run = new LoneRun(command);
        var settings = new SettingOptions(command, Settings, readsUsualFile: true);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var request = DebugRequest.Parse(await ReadAsync(parsed.GetValue(file)!, cancellationToken));
            await TellOfExpiredUrlsAsync(request, parsed.InvocationConfiguration.Error);
            return parsed.GetValue(here)
                ? await RunAsync(bridge, parsed, settings, run, request, cancellationToken)
                : await SendAsync(parsed, settings, parsed.GetValue(to), request, cancellationToken);
        });
    }

    static async Task<int> RunAsync(BridgeBuilder bridge, ParseResult parsed, SettingOptions settings, LoneRun run, JsonObject pasted, CancellationToken cancellationToken)
    {
        var request = Parse(pasted);
        // A file that is only found in this directory could start programs.
        var values = settings.Values(parsed, readsUsual: false);
        using var http = new SlideHttp(BridgeOptions.OutboundFrom(values));
        await using var lone = new LoneClassifiers(bridge, BridgeOptions.ClassifiersFrom(values, bridge.DefaultClassifier));
        var (classifier, set) = lone.Of(request.Model, request.CompanyId, [.. request.Scans.Select(s => s.Stain)]);
        await using var scans = await RequestedScans.OpenAsync(request.Scans, SlideSettings.Apply(http.Options, set), cancellationToken);
        var task = new ClassificationTask
        {
            TaskId = request.TaskNumber,
            CaseId = request.CaseNumber,
            CompanyId = request.CompanyId,
            Model = request.Model,
            Request = JsonNode.Parse(request.Json) as JsonObject,
            Scans = scans.All,
            Settings = set,
        };
        return await run.RunAsync(parsed, classifier, isDefault: !values.IsSet(ServeSettings.Classifier) && classifier.Name == bridge.DefaultClassifier, task, cancellationToken);
    }

    static async Task<int> SendAsync(ParseResult parsed, SettingOptions settings, string? to, JsonObject request, CancellationToken cancellationToken)
    {
        await WithoutExpiredTokenAsync(request, parsed.InvocationConfiguration.Error);
        var (connection, webhook) = settings.ReadWebhook(parsed, to);
        using var http = connection.Open(webhook);
        var number = PlatformId.TryParse(request["task_id"]?.ToString() ?? "", "task", out var parsedNumber) ? parsedNumber : (long?)null;
        try
        {
            var known = number is { } known1 ? await StateAsync(http, known1, cancellationToken) : null;
            if (known?.State is TaskState.Completed)
                throw new CommandException($"Task {number} is completed, so nothing runs and nothing was sent. 'slidebridge tasks rerun {number}' classifies it again and posts nothing; 'slidebridge send --run FILE' does that here, without a bridge.");
            if (known is { State: TaskState.Cancelled, VerifiedAt: not null })
                throw new CommandException($"Task {number} was cancelled, so nothing runs and nothing was sent. 'slidebridge tasks retry {number}' restarts it.");

            using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(webhook, content, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode) throw new CommandException($"The webhook refused the request ({(int)response.StatusCode}): {Member(answer, "detail") ?? PlainText.Line(answer)}");
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Outcome(number, known, Member(answer, "message") ?? "")} Follow it on {new Uri(webhook, $"/tasks/{number}")}");
            return 0;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandException($"The webhook {webhook.GetLeftPart(UriPartial.Authority)} cannot be reached: {BridgeConnection.Why(e)}. Is 'slidebridge serve' running?");
        }
    }

    static string Outcome(long? number, TaskJson? known, string message) => known switch
    {
        null => $"Task {number}: {PlainText.Line(message)}.",
        { State: TaskState.Failed } => $"Task {number} had failed: the bridge checks the request with the platform, then restarts the task.",
        _ => $"Task {number} is known already and is {known.State.Name()}: the bridge checks the request with the platform, and the task gets its URLs if they are new.",
    };

    /// <summary>The task's state on the bridge; null if the bridge does not know the task, or shows it only with its API token.</summary>
    static async Task<TaskJson?> StateAsync(HttpClient http, long number, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri($"/api/tasks/{number}", UriKind.Relative), cancellationToken);
        if (response.StatusCode is not HttpStatusCode.OK) return null;
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), TaskJsonContext.Default.TaskJson);
        }
        catch (JsonException)
        {
            return null; // The webhook is not a bridge's.
        }
    }

    static string? Member(string json, string name)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject answer && answer[name] is JsonValue text ? PlainText.Line(text.ToString()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static WebhookRequest Parse(JsonObject request)
    {
        try
        {
            return WebhookRequestParser.Parse(Encoding.UTF8.GetBytes(request.ToJsonString()));
        }
        catch (WebhookRequestException e)
        {
            throw new CommandException($"The debug request is not complete: {e.Message}.", 2);
        }
    }

    /// <summary>A bridge accepts a task whose token the platform accepts, or a task without a token from its own machine. A debug note is often older than its token's lifetime.</summary>
    static async Task WithoutExpiredTokenAsync(JsonObject request, TextWriter error)
    {
        if (request["jwt_token"] is not JsonValue value || !value.TryGetValue(out string? token) || AccessToken.Expiry(token) is not { } expiry || expiry > DateTimeOffset.UtcNow) return;
        request.Remove("jwt_token");
        await error.WriteLineAsync($"note: the request's token expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC and is not sent: a bridge on this machine accepts the task without it, and delivers with its API key.");
    }

    /// <summary>The URLs are as old as the note.</summary>
    static async Task TellOfExpiredUrlsAsync(JsonObject request, TextWriter error)
    {
        var urls = (request["scans"] as JsonObject)?.Select(scan => scan.Value).OfType<JsonValue>().Select(value => value.TryGetValue(out string? url) ? url : "") ?? [];
        if (PresignedUrl.EarliestExpiry(urls) is { } expiry && expiry <= DateTimeOffset.UtcNow)
            await error.WriteLineAsync($"note: the request's URLs expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC, so its slides cannot be read any more. Copy a newer request from the platform.");
    }

    static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (file == "-") return await Console.In.ReadToEndAsync(cancellationToken);
        if (!File.Exists(file)) throw new CommandException($"The file {file} does not exist.", 2);
        if (new FileInfo(file).Length > LargestFile) throw new CommandException($"{file} is larger than {LargestFile >> 20} MiB; that is not a debug request.", 2);
        return await File.ReadAllTextAsync(file, cancellationToken);
    }
}
