using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Slidebridge.Commands;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.Tests.Commands;

/// <summary>One task in one process, with the Model Hosting Service's environment, against the platform's stand-in.</summary>
public sealed class JobCommandTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static Task<Platform> StartAsync() =>
        Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Path.GetDirectoryName(SharedFiles.CmuSmallRegion)! }, Token);

    static async Task<(SimulatedTask Task, Dictionary<string, string> Variables)> TaskAsync(Platform platform)
    {
        var task = (await platform.RequestAsync(new AiRequest { Slides = ["CMU-1-Small-Region.svs"] }, Token))[0];
        return (task, new Dictionary<string, string>
        {
            ["TASK_ID"] = task.TaskId,
            ["SCAN_ID"] = task.Scans[0].Id,
            ["SCAN_URL"] = (string)JsonNode.Parse(task.Body)!["scans"]![task.Scans[0].Id]!,
            ["JWT_TOKEN"] = task.Token,
        });
    }

    static Task<Ran> RunAsync(Platform platform, Dictionary<string, string> variables, params string[] arguments) => Ran.AsAsync(
        JobCommand.Create(Bridge.CreateBuilder([]), variables.GetValueOrDefault),
        ["--classifier", "tissue", "--platform-url", platform.Address.GetLeftPart(UriPartial.Authority), "--allow-host", "127.0.0.1", "--retry-first", "20ms", "--retry-longest", "100ms", "--delivery-settle", "200ms", .. arguments]);

    [Fact]
    public async Task A_job_delivers_and_started_again_finds_that_it_has()
    {
        await using var platform = await StartAsync();
        var (task, variables) = await TaskAsync(platform);
        var (code, told, error) = await RunAsync(platform, variables);
        Assert.True(code == 0, error);
        Assert.Empty(told);
        Assert.EndsWith("delivered\n", error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("X-Amz", error, StringComparison.Ordinal);

        (code, _, error) = await RunAsync(platform, variables);
        Assert.True(code == 0, error);
        Assert.Contains("an earlier attempt has delivered", error, StringComparison.Ordinal);
        Assert.Single(platform.State.Evaluations, e => e.TaskNumber == task.TaskNumber);
    }

    [Fact]
    public async Task A_post_that_was_taken_and_not_answered_is_not_made_again()
    {
        await using var platform = await StartAsync();
        var (task, variables) = await TaskAsync(platform);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After });
        var (code, _, error) = await RunAsync(platform, variables);
        Assert.True(code == 0, error);
        Assert.Single(task.Posts);
        Assert.Single(platform.State.Evaluations);
    }

    [Fact]
    public async Task Results_that_cannot_be_posted_are_printed_and_the_scheduler_may_start_the_job_again()
    {
        await using var platform = await StartAsync();
        var (_, variables) = await TaskAsync(platform);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 503, Times = null });
        var (code, told, error) = await RunAsync(platform, variables, "--delivery-window", "500ms");
        Assert.True(code == 75, error);
        Assert.Equal(variables["SCAN_ID"], (string?)JsonNode.Parse(told)!["scanResults"]![0]!["scanId"]);
        Assert.Contains("were not delivered within", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(platform.State.Evaluations);
    }

    [Fact]
    public async Task Results_that_the_platform_refuses_fail_the_job_for_good_and_are_printed()
    {
        await using var platform = await StartAsync();
        var (_, variables) = await TaskAsync(platform);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 422, Times = null });
        var (code, told, error) = await RunAsync(platform, variables);
        Assert.True(code == 1, error);
        Assert.NotEmpty(told);
        Assert.Contains("The platform refused the results: answered 422", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TASK_ID", null, 2, "TASK_ID is not set")]
    [InlineData("TASK_ID", "task", 2, "TASK_ID is not a task id")]
    [InlineData("SCAN_ID", "x", 2, "SCAN_ID is not a scan id")]
    [InlineData("JWT_TOKEN", null, 2, "Neither JWT_TOKEN nor API_KEY_ID and API_KEY_SECRET are set")]
    [InlineData("SCAN_URL", null, 2, "Neither SCAN_URL nor SCAN_URL_ZIP is set")]
    [InlineData("SCAN_URL", "slide.svs", 2, "SCAN_URL: The address is not an absolute http or https URL.")]
    [InlineData("SCAN_URL_ZIP", "http://127.0.0.1:1/gone.zip", 75, "127.0.0.1")]
    [InlineData("SCAN_URL", "http://10.0.0.1/slide.svs", 1, "10.0.0.1 is not a public https host")]
    public async Task What_is_wrong_with_the_environment_is_told_by_a_sentence_and_a_code(string name, string? value, int code, string what)
    {
        await using var platform = await StartAsync();
        var (_, variables) = await TaskAsync(platform);
        variables.Remove(name);
        if (value is not null) variables[name] = value;
        var ran = await RunAsync(platform, variables);
        Assert.True(ran.Code == code, ran.Error);
        Assert.Contains(what, ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tissue", 0, "log.txt,overlay.png,results.json")]
    [InlineData("one-shot:false", 1, "log.txt")]
    public async Task Whatever_became_of_the_job_its_archive_is_uploaded(string classifier, int expected, string names)
    {
        await using var platform = await StartAsync();
        var (_, variables) = await TaskAsync(platform);
        await using var storage = await StorageAsync();
        variables["DEBUG_FILE_UPLOAD_URL"] = new Uri(new Uri(storage.Urls.First()), "/debug.zip?X-Amz-Signature=secret").ToString();
        var ran = await RunAsync(platform, variables, "--classifier", classifier);
        Assert.True(ran.Code == expected, ran.Error);
        using var zip = new ZipArchive(new MemoryStream(Uploaded.Single()));
        Assert.Equal(names, string.Join(',', zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal)));
        using var log = new StreamReader(zip.GetEntry("log.txt")!.Open());
        Assert.StartsWith($"task {platform.State.Tasks[0].TaskNumber}, scan {variables["SCAN_ID"]}: classifier ", await log.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workflow['value'] = str(os.path.getsize(image_path)); return workflow", 0, "debug/map.txt,log.txt,overlay.png,results.json")]
    [InlineData("raise ValueError('no tissue')", 1, "debug/map.txt,log.txt")]
    public async Task What_the_model_hosting_services_function_writes_is_in_the_archive_and_its_workflow_is_posted(string ends, int expected, string names)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("main.py"), $$$"""
            import os

            workflow = {"model_name": "m", "provider": "p", "ruo": True, "report": {"type": "Basic", "results": [], "segments": []}}

            async def process_image(image_path):
                with open("map.txt", "w") as file: file.write("where it looked")
                {{{ends}}}
            """, Token);
        await using var platform = await StartAsync();
        var (_, variables) = await TaskAsync(platform);
        await using var storage = await StorageAsync();
        variables["DEBUG_FILE_UPLOAD_URL"] = new Uri(new Uri(storage.Urls.First()), "/debug.zip?X-Amz-Signature=secret").ToString();
        var ran = await RunAsync(platform, variables, "--classifier", $"devkit:{folder.File("main.py")}", "--python", Python.Interpreter);
        Assert.True(ran.Code == expected, ran.Error);
        using var zip = new ZipArchive(new MemoryStream(Uploaded.Single()));
        Assert.Equal(names, string.Join(',', zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal)));
        using var written = new StreamReader(zip.GetEntry("debug/map.txt")!.Open());
        Assert.Equal("where it looked", await written.ReadToEndAsync(Token));
        Assert.Equal(["main.py"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
        if (expected == 0) Assert.Equal($"{new FileInfo(SharedFiles.CmuSmallRegion).Length}", platform.State.Evaluations.Single().Result.GetProperty("workflow").GetProperty("value").GetString());
    }

    List<byte[]> Uploaded { get; } = [];

    async Task<WebApplication> StorageAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPut("/debug.zip", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            Uploaded.Add(body.ToArray());
        });
        await app.StartAsync(Token);
        return app;
    }
}
