using System.Diagnostics;
using System.Reflection.PortableExecutable;
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
        var archive = await PublishAsync(folder.Path);
        var image = await UnpackedImage.UnpackAsync(archive, folder.Path, Token);
        File.Delete(archive);
        AssertSmall(Path.Combine(folder.Path, "root"));
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

    /// <summary>
    /// Publishes as a user does, from what the Dockerfile copies: the checkout itself, which other tests read, stays as it is. Only the base image comes
    /// from a registry of the test's own.
    /// </summary>
    static async Task<string> PublishAsync(string folder)
    {
        var source = Path.Combine(folder, "source");
        await CopySourcesAsync(source);
        var (manifest, blobs) = await LocalBaseImage.MakeAsync(folder, Token);
        await using var registry = await LocalRegistry.StartAsync(manifest, blobs, Token);
        var start = new ProcessStartInfo("dotnet", ["publish", "src/Slidebridge", "-t:PublishContainer", "--nologo", "-p:RestoreLockedMode=true", $"-p:ContainerBaseImage={registry.Authority}/dotnet/aspnet:10.0"])
        {
            WorkingDirectory = source,
            RedirectStandardOutput = true,
        };
        // The SDK keeps the base image's layers in the temporary folder: in this test's.
        foreach (var (name, value) in new[] { ("DOTNET_CONTAINER_INSECURE_REGISTRIES", registry.Authority), ("TMPDIR", folder), ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"), ("UseSharedCompilation", "false"), ("RunAnalyzers", "false") })
            start.Environment[name] = value;
        using var publish = Process.Start(start)!;
        var told = await publish.StandardOutput.ReadToEndAsync(Token);
        await publish.WaitForExitAsync(Token);
        Assert.SkipWhen(told.Contains("error NU1101", StringComparison.Ordinal) || told.Contains("error NU1102", StringComparison.Ordinal), "The package source lacks a package that publishing takes.");
        Assert.True(publish.ExitCode == 0, told);
        return Directory.GetFiles(Path.Combine(source, "src", "Slidebridge", "bin"), "slidebridge-*.tar.gz").Single();
    }

    /// <summary>Copies what the Dockerfile's first stage does, without what was built.</summary>
    static async Task CopySourcesAsync(string target)
    {
        Directory.CreateDirectory(target);
        var stage = (await File.ReadAllTextAsync(Path.Combine(Files.Root, "Dockerfile"), Token)).Split("# 2.")[0];
        var names = CopiedFiles().Matches(stage).SelectMany(copy => copy.Groups[1].Value.Split(' '));
        await DeployFiles.RunAsync("tar", "tar", ["-C", Files.Root, "--exclude=bin", "--exclude=obj", "-cf", target + ".tar", .. names]);
        await DeployFiles.RunAsync("tar", "tar", "-C", target, "-xf", target + ".tar");
    }

    /// <summary>One system's libraries and none of what only builds need; compiled ahead of time.</summary>
    static void AssertSmall(string root)
    {
        var files = new DirectoryInfo(Path.Combine(root, "app")).GetFiles("*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, f => f.Extension is ".pdb" or ".xml" or ".dylib" || f.FullName.Contains("/runtimes/", StringComparison.Ordinal) || f.Name is "onnxruntime.dll" or "Microsoft.CodeAnalysis.dll");
        // Of these, the client of Kubernetes has 12 MB, and the pages 4.
        Assert.InRange(files.Sum(f => f.Length), 1, 146L << 20);
        using var program = new PEReader(files.Single(f => f.Name == "Slidebridge.dll").OpenRead());
        Assert.True(program.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, "Slidebridge.dll is not compiled ahead of time.");
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

    [GeneratedRegex("^COPY (?!--)(.*) [^ ]+$", RegexOptions.Multiline)]
    private static partial Regex CopiedFiles();

    [GeneratedRegex(@"http://\S+/")]
    private static partial Regex Address();

    [GeneratedRegex(@"HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])")]
    private static partial Regex HealthCheck();
}
