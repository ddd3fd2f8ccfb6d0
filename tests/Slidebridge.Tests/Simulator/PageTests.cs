using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Simulation;

/// <summary>docs/simulator.md is true: its commands are taken, its tables are whole, its C# is that of this file.</summary>
public sealed partial class PageTests
{
    static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "simulator.md"));

    [Fact]
    public async Task Every_curl_command_of_the_page_is_answered_well()
    {
        await using var platform = await StandIn.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        await platform.TaskAsync();
        var commands = Curl().Matches(Page);
        Assert.True(commands.Count >= 12, $"{commands.Count} found");
        foreach (Match command in commands)
        {
            var json = command.Groups["json"].Value.Replace("http://127.0.0.1:3000/webhook", webhook.Url, StringComparison.Ordinal);
            var method = command.Groups["method"].Value is { Length: > 0 } given ? new HttpMethod(given) : json.Length > 0 ? HttpMethod.Post : HttpMethod.Get;
            var answer = command.Value.Contains("-u local-id:local-secret", StringComparison.Ordinal)
                ? await platform.AskTokenAsync()
                : await platform.CallAsync(method, command.Groups["path"].Value, json.Length > 0 ? json : null);
            Assert.True(answer.Status is 200 or 204, $"{command.Value} is answered {answer.Status} {answer.Text}");
        }
        Assert.Single(webhook.Bodies);
    }

    [Theory]
    [InlineData(typeof(Fault), "## Faults")]
    [InlineData(typeof(AiRequest), "## Make a request")]
    public void The_pages_tables_have_every_member(Type type, string heading)
    {
        var section = Page[Page.IndexOf(heading, StringComparison.Ordinal)..];
        var rows = Row().Matches(section[..section.IndexOf("\n## ", 5, StringComparison.Ordinal)]).Select(m => m.Groups[1].Value);
        Assert.Equal(type.GetProperties().Select(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).OfType<string>(), rows.Where(r => r != "member"), StringComparer.Ordinal);
    }

    [Fact]
    public void The_pages_CSharp_is_that_of_this_file()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "Simulator", "PageTests.cs"));
        var code = source.Split("// example {\n")[^1].Split("        // }")[0].Replace("\n        ", "\n", StringComparison.Ordinal).Trim();
        Assert.Contains($"```csharp\n{code.Replace(", Token)", ")", StringComparison.Ordinal)}\n```", Page);
    }

    [Fact]
    public async Task The_pages_CSharp_does_what_it_says()
    {
        await using var standIn = await StandIn.StartAsync();
        await using var service = await Webhook.StartAsync();
        await ExampleAsync(standIn.Simulator.Options.SlidesDirectory, address =>
        {
            _ = ServeAsync(service, address);
            return service.Url;
        });
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A service that posts results once for the task that its webhook gets.</summary>
    static async Task ServeAsync(Webhook webhook, Uri platform)
    {
        while (webhook.Bodies.IsEmpty) await Task.Delay(10, Token);
        var body = webhook.Bodies.First();
        using var http = new HttpClient { BaseAddress = platform };
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)body["jwt_token"]!);
        using var results = new StringContent($$$"""{"scanResults": [{"scanId": "{{{body["scans"]!.AsObject().First().Key}}}", "results": {"summary": "fine"}}]}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync(new Uri($"/api/v3/external/results/{body["task_id"]}", UriKind.Relative), results, Token));
    }

    static async Task ExampleAsync(string slides, Func<Uri, string> webhook)
    {
        // example {
        await using var platform = await Slidebridge.Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = slides }, Token);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After });

        var tasks = await platform.RequestAsync(new AiRequest { Slides = ["a.svs"], Webhook = webhook(platform.Address) }, Token);
        while (!tasks[0].Completed) await Task.Delay(10, Token);

        Assert.Equal(200, tasks[0].Webhook?.Status);
        Assert.Equal("fine", platform.State.Evaluations[0].Result.GetProperty("results").GetProperty("summary").GetString());
        Assert.Equal(0, platform.State.Duplicates);
        // }
    }

    [GeneratedRegex(@"^curl (?:-s )?(?:-u \S+ -d \S+ )?(?:-X (?<method>\w+) )?http://127\.0\.0\.1:9000(?<path>/\S+)(?: +--json '(?<json>[^']+)')?", RegexOptions.Multiline)]
    private static partial Regex Curl();

    [GeneratedRegex(@"^\| `?(\w+)`? \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
