using System.Diagnostics;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>
/// <c>dotnet new slidebridge-classifier</c> as its README says, from the packages of this build. Nothing is fetched: what the packages stand on is
/// where the build found it, and nothing of theirs stays there.
/// </summary>
public sealed class TemplateTests
{
    static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    [Fact]
    public async Task A_new_classifier_builds_passes_its_test_and_is_a_whole_bridge()
    {
        using var folder = Files.Temporary();
        string At(params string[] names) => Path.Combine([folder.Path, .. names]);
        var templates = Path.Combine(Files.Root, "examples", "templates");
        var found = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(At("NuGet.config"), $"""
            <configuration>
              <packageSources><clear /><add key="packed" value="{At("feed")}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="found" value="{found}" /></fallbackPackageFolders>
            </configuration>
            """, TestContext.Current.CancellationToken);

        await DotnetAsync(Files.Root, null, "pack", "Slidebridge.slnx", "--no-build", "-c", Configuration, "-o", At("feed"));
        await DotnetAsync(templates, null, "pack", "-c", Configuration, "-o", At("feed"), $"-p:BaseIntermediateOutputPath={At("obj")}/", $"-p:BaseOutputPath={At("bin")}/");
        await DotnetAsync(folder.Path, null, "new", "install", Directory.GetFiles(At("feed"), "Slidebridge.Templates.*").Single(), "--debug:custom-hive", At("hive"));
        await DotnetAsync(folder.Path, null, "new", "slidebridge-classifier", "-n", "Mitosis", "--debug:custom-hive", At("hive"));
        await DotnetAsync(At("Mitosis"), At("packages"), "build");
        await DotnetAsync(At("Mitosis"), At("packages"), "test", "--no-build");

        var program = At("Mitosis", "Mitosis", "bin", "Debug", "net10.0", "Mitosis.dll");
        await DotnetAsync(folder.Path, null, program, "slide", "make", "slide.svs", "--width", "1024", "--height", "768");
        Assert.Contains("tiles are dense", await DotnetAsync(folder.Path, null, program, "run", "slide.svs", "--json"), StringComparison.Ordinal);
        Assert.True(File.Exists(At("Mitosis", "Mitosis", "bin", "Debug", "net10.0", "python", "slidebridge", "__main__.py")));
        Assert.Contains("System.GC.ConserveMemory", await File.ReadAllTextAsync(Path.ChangeExtension(program, "runtimeconfig.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    static async Task<string> DotnetAsync(string directory, string? packages, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // Nothing of it outlives the test.
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        if (packages is not null) start.Environment["NUGET_PACKAGES"] = packages;
        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var told = await output + await error;
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {told}");
            return told;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
