using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary><c>deploy/pin-images.sh</c>, with a program in place of docker, because no registry can be asked here.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PinnedImageTests
{
    static readonly string[] Pinned = ["Dockerfile", ".devcontainer/devcontainer.json", "src/Slidebridge/Slidebridge.csproj", "deploy/compose.yaml"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_image_gets_the_digest_that_its_registry_names_and_a_new_digest_replaces_it()
    {
        using var folder = Files.Temporary();
        foreach (var name in (string[])[.. Pinned, "deploy/pin-images.sh", "deploy/kubernetes/web.yaml", "deploy/kubernetes/kustomization.yaml"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, name))!);
            File.Copy(Path.Combine(Files.Root, name), Path.Combine(folder.Path, name));
        }
        Assert.Equal(0, (await RunAsync(folder.Path, "1", "--check")).Code); // As committed.
        foreach (var name in Pinned) await WriteAsync(folder.Path, name, text => Regex.Replace(text, "@sha256:[0-9a-f]{64}", ""));
        var before = await TextsAsync(folder.Path, Pinned);
        Assert.NotEqual(0, (await RunAsync(folder.Path, "1", "--check")).Code);

        // The digest of an image is made from its name, and from the day on which the registry is asked.
        await DockerAsync(folder.Path, """
            [ "$1 $2" = "buildx version" ] && exit 0
            [ "$1 $2 $3 $4" = "buildx imagetools inspect --format" ] || exit 9
            printf 'sha256:%s\n' "$(printf %s "$DAY $6" | sha256sum | cut -d' ' -f1)"
            """);
        var (code, told) = await RunAsync(folder.Path, "1");
        Assert.True(code == 0, told);
        var first = await TextsAsync(folder.Path, Pinned);
        Assert.Matches("FROM debian:12-slim@sha256:[0-9a-f]{64} AS base", first);
        Assert.Matches("image: postgres:17@sha256:[0-9a-f]{64}\n", first);
        Assert.Matches("\"image\": \"mcr.microsoft.com/dotnet/sdk:10.0@sha256:[0-9a-f]{64}\",", first);
        Assert.Matches(">mcr.microsoft.com/dotnet/aspnet:10.0@sha256:[0-9a-f]{64}</ContainerBaseImage>", first);
        Assert.Contains("image: slidebridge\n", first, StringComparison.Ordinal); // Built here.
        Assert.Equal(before, Regex.Replace(first, "@sha256:[0-9a-f]{64}", ""));
        Assert.Equal(0, (await RunAsync(folder.Path, "1", "--check")).Code);

        Assert.Equal(0, (await RunAsync(folder.Path, "1")).Code);
        Assert.Equal(first, await TextsAsync(folder.Path, Pinned));
        Assert.Equal(0, (await RunAsync(folder.Path, "2")).Code);
        var second = await TextsAsync(folder.Path, Pinned);
        Assert.NotEqual(first, second);
        Assert.Equal(before, Regex.Replace(second, "@sha256:[0-9a-f]{64}", ""));

        // A registry that does not answer, or answers something else, changes nothing.
        await DockerAsync(folder.Path, """[ "$2" = version ] || echo "error: not found" """);
        Assert.NotEqual(0, (await RunAsync(folder.Path, "3")).Code);
        Assert.Equal(second, await TextsAsync(folder.Path, Pinned));
    }

    [Fact]
    public async Task The_scripts_of_deployments_have_no_fault_that_a_checker_of_shells_finds() =>
        await DeployFiles.RunAsync("shellcheck", "shellcheck", [.. Directory.EnumerateFiles(DeployFiles.Folder, "*.sh", SearchOption.AllDirectories)]);

    static async Task WriteAsync(string folder, string name, Func<string, string> change) =>
        await File.WriteAllTextAsync(Path.Combine(folder, name), change(await File.ReadAllTextAsync(Path.Combine(folder, name), Token)), Token);

    static async Task<string> TextsAsync(string folder, IEnumerable<string> names) => string.Join('\n', await Task.WhenAll(names.Select(name => File.ReadAllTextAsync(Path.Combine(folder, name), Token))));

    static async Task DockerAsync(string folder, string script)
    {
        var file = Path.Combine(folder, "bin", "docker");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script}\n", Token);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    static async Task<(int Code, string Told)> RunAsync(string folder, string day, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(folder, "deploy", "pin-images.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["PATH"], start.Environment["DAY"]) = ($"{Path.Combine(folder, "bin")}:{start.Environment["PATH"]}", day);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var told = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, told + await errors);
    }
}
