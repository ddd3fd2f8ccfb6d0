using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>The image that <c>dotnet publish -t:PublishContainer</c> writes, without an engine and without the world's registries.</summary>
public sealed partial class ContainerImageTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_published_without_an_engine_and_runs_a_task_as_no_root_on_a_root_that_cannot_be_written()
    {
        await UnpackedImage.SkipUnlessRunnableAsync();
        using var folder = Files.Temporary();
        await PublishAsync(folder.Path, out var archive);
        var image = await UnpackedImage.UnpackAsync(archive, folder.Path, Token);
        File.Delete(archive);
        Assert.Equal("1654", image.User);
        Assert.Equal(["dotnet", "/app/Slidebridge.dll"], image.EntryPoint);
        Assert.Equal(["serve"], image.Command);
        Assert.Superset(new HashSet<string> { "SLIDEBRIDGE_PORT=3000", "SLIDEBRIDGE_DATA=/data" }, image.Variables.ToHashSet());

        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var bridge = image.Start([.. image.Command, "--port", "0", "--listen", "localhost", "--platform-url", platform.Address.ToString(),
            "--allow-host", platform.Address.Host, "--api-key-id", "local-id", "--api-key-secret", "local-secret"]);
        try
        {
            string? line, address = "";
            while (address.Length == 0 && (line = await bridge.StandardOutput.ReadLineAsync(Token)) is not null) address = Address().Match(line).Value;
            if (address.Length == 0) Assert.Fail(await bridge.StandardError.ReadToEndAsync(Token));
            Assert.Contains("Uid:\t1654\t1654\t1654\t1654", await File.ReadAllTextAsync($"/proc/{bridge.Id}/status", Token), StringComparison.Ordinal);
            await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = address + "webhook" }, Token);
            while (platform.State.Evaluations.Count == 0) await Task.Delay(20, Token);
            Assert.True(Assert.Single(platform.State.Tasks).Completed);
        }
        finally
        {
            bridge.Kill();
            await bridge.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Publishes as a user does; only the base image comes from a registry of the test's own.</summary>
    static Task PublishAsync(string folder, out string archive)
    {
        var project = Path.Combine(Files.Root, "src", "Slidebridge");
        var version = typeof(Bridge).Assembly.GetName().Version!;
        archive = Path.Combine(project, "bin", $"slidebridge-{version.ToString(3)}.tar.gz");
        return PublishAsync(folder, project);
    }

    static async Task PublishAsync(string folder, string project)
    {
        var (manifest, blobs) = await LocalBaseImage.MakeAsync(folder, Token);
        await using var registry = await LocalRegistry.StartAsync(manifest, blobs, Token);
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", project, "-t:PublishContainer", "--configuration", "Release", "--no-build", "--nologo",
            $"-p:ContainerBaseImage={registry.Authority}/dotnet/aspnet:10.0", $"-p:PublishDir={Path.Combine(folder, "publish")}/"])
        {
            RedirectStandardOutput = true,
            // The SDK keeps the base image's layers in the temporary folder: in this test's.
            Environment = { ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = registry.Authority, ["TMPDIR"] = folder, ["MSBUILDDISABLENODEREUSE"] = "1" },
        })!;
        var told = await publish.StandardOutput.ReadToEndAsync(Token);
        await publish.WaitForExitAsync(Token);
        Assert.True(publish.ExitCode == 0, told);
    }

    [Fact]
    public async Task The_Dockerfiles_health_check_tells_a_bridge_that_lives_from_one_that_does_not()
    {
        using var folder = Files.Temporary();
        var check = JsonSerializer.Deserialize<string[]>(HealthCheck().Match(await File.ReadAllTextAsync(Path.Combine(Files.Root, "Dockerfile"), Token)).Groups[1].Value)!;
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = folder.Path }, Token);
        await using var serve = await ServeProcess.StartAsync(platform.Address, folder.Path);
        Assert.Equal(0, await CheckAsync());
        await serve.KillAsync();
        Assert.NotEqual(0, await CheckAsync());

        async Task<int> CheckAsync()
        {
            using var process = Process.Start(new ProcessStartInfo(check[0], check[1..].Select(word => word.Replace("3000", $"{serve.Address.Port}", StringComparison.Ordinal))) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(Token);
            return process.ExitCode;
        }
    }

    [GeneratedRegex(@"http://\S+/")]
    private static partial Regex Address();

    [GeneratedRegex(@"HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])")]
    private static partial Regex HealthCheck();
}
