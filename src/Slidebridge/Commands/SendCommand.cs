using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Staging;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge send</c>: replays a debug request.</summary>
static class SendCommand
{
    /// <summary>A pasted request is at most what the webhook takes, with room for the wrapping.</summary>
    const int LargestFile = 4 << 20;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file with the request, or - for standard input." };
        var to = new Option<string>("--to") { HelpName = "URL", Description = "The webhook.", DefaultValueFactory = _ => "http://127.0.0.1:3000/webhook" };
        var command = new Command("send", """
            Replays a debug request, as copied from the platform's task notes, to a webhook. Line breaks that the page put into
            the middle of a URL are taken out again. A token that has expired is left out: a bridge on this machine takes the task without.

            Example:
              slidebridge send request.txt --to http://127.0.0.1:3000/webhook
            """)
        { file, to };
        return command.Does((parsed, cancellationToken) => RunAsync(parsed.GetValue(file)!, parsed.GetValue(to)!, cancellationToken));
    }

    static async Task<int> RunAsync(string file, string to, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(to, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new CommandException($"--to: '{to}' is no http or https URL.", 2);
        var request = DebugRequest.Parse(await ReadAsync(file, cancellationToken));
        await WithoutExpiredTokenAsync(request);
        await TellOfExpiredUrlsAsync(request);

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await http.PostAsync(url, content, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"{(int)response.StatusCode} {answer}");
            if (!response.IsSuccessStatusCode) return 1;
            await Console.Out.WriteLineAsync($"Follow it on {new Uri(url, $"/tasks/{request["task_id"]}")}");
            return 0;
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"The webhook {url.GetLeftPart(UriPartial.Authority)} cannot be reached: {e.Message} Is 'slidebridge serve' running?");
        }
    }

    /// <summary>A bridge takes a task whose token the platform accepts, or that has none and comes from its own machine. A debug note is often older than its token.</summary>
    static async Task WithoutExpiredTokenAsync(JsonObject request)
    {
        if (request["jwt_token"] is not JsonValue value || !value.TryGetValue(out string? token) || AccessToken.Expiry(token) is not { } expiry || expiry > DateTimeOffset.UtcNow) return;
        request.Remove("jwt_token");
        await Console.Error.WriteLineAsync($"note: the request's token expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC and is left out: a bridge on this machine takes it without, and delivers with its API key.");
    }

    /// <summary>A note's URLs are as old as the note.</summary>
    static async Task TellOfExpiredUrlsAsync(JsonObject request)
    {
        var urls = (request["scans"] as JsonObject)?.Select(scan => scan.Value).OfType<JsonValue>().Select(value => value.TryGetValue(out string? url) ? url : "") ?? [];
        if (PresignedUrl.EarliestExpiry(urls) is { } expiry && expiry <= DateTimeOffset.UtcNow)
            await Console.Error.WriteLineAsync($"note: the request's URLs expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC: its slides cannot be read any more. Copy a newer request from the platform.");
    }

    static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (file == "-") return await Console.In.ReadToEndAsync(cancellationToken);
        if (!File.Exists(file)) throw new CommandException($"There is no file {file}.", 2);
        if (new FileInfo(file).Length > LargestFile) throw new CommandException($"{file} is larger than {LargestFile >> 20} MiB; that is no debug request.", 2);
        return await File.ReadAllTextAsync(file, cancellationToken);
    }
}
