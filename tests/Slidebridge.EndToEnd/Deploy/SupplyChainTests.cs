using System.Diagnostics;
using System.Text.Json;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>Which packages the program ships, and whether one of them has a known vulnerability.</summary>
public sealed class SupplyChainTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bill_of_materials_has_every_locked_package_with_its_version_and_hash()
    {
        using var folder = Files.Temporary();
        var file = Path.Combine(folder.Path, "slidebridge.cdx.json");
        var (code, told) = await RunAsync("bash", Files.Root, Path.Combine(Files.Root, "src", "Slidebridge", "sbom.sh"), file);
        Assert.SkipWhen(code != 0 && told.Contains("cyclonedx", StringComparison.OrdinalIgnoreCase), "The package source has no CycloneDX tool.");
        Assert.True(code == 0, told);

        using var bill = JsonDocument.Parse(await File.ReadAllTextAsync(file, Token));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+", bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("version").GetString());
        var listed = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!.ToLowerInvariant());
        using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Files.Root, "src", "Slidebridge", "packages.lock.json"), Token));
        foreach (var package in locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject().Where(p => p.Value.TryGetProperty("resolved", out _)))
        {
            // Only builds use these, and no program contains them.
            if (package.Name is "MinVer" || package.Name.Contains("Analyzers", StringComparison.Ordinal)) continue;
            Assert.True(listed.TryGetValue(package.Name.ToLowerInvariant(), out var component), $"{package.Name} is missing.");
            Assert.Equal(package.Value.GetProperty("resolved").GetString(), component.GetProperty("version").GetString());
            Assert.NotEmpty(component.GetProperty("hashes").EnumerateArray());
        }
    }

    [Fact]
    public async Task No_package_has_a_known_vulnerability()
    {
        // A package that is known to have one (GHSA-5crp-9r3c-p9vr): does the source say so?
        using var folder = Files.Temporary();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "known.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.1" /></ItemGroup>
            </Project>
            """, Token);
        var (restored, _) = await RunAsync("dotnet", folder.Path, "restore", "-p:NuGetAudit=false");
        Assert.SkipWhen(restored != 0 || await VulnerableAsync(folder.Path) is [], "The package source does not say which packages have known vulnerabilities.");

        foreach (var project in (string[])["Slidebridge", "Slidebridge.Slides", "Slidebridge.Sdk", "Slidebridge.Simulator"]) Assert.Empty(await VulnerableAsync(Path.Combine(Files.Root, "src", project)));
    }

    static async Task<string[]> VulnerableAsync(string project)
    {
        var (code, told) = await RunAsync("dotnet", project, "list", "package", "--vulnerable", "--include-transitive", "--format", "json");
        Assert.True(code == 0, told);
        using var list = JsonDocument.Parse(told[told.IndexOf('{', StringComparison.Ordinal)..]);
        return [.. list.RootElement.GetProperty("projects").EnumerateArray().Where(p => p.TryGetProperty("frameworks", out _)).SelectMany(p => p.GetProperty("frameworks").EnumerateArray())
            .SelectMany(f => ((string[])["topLevelPackages", "transitivePackages"]).Where(kind => f.TryGetProperty(kind, out _)).SelectMany(kind => f.GetProperty(kind).EnumerateArray())).Select(p => p.GetProperty("id").GetString()!)];
    }

    static async Task<(int Code, string Told)> RunAsync(string program, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["MSBUILDDISABLENODEREUSE"], start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"]) = ("1", "0");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var told = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, told + await errors);
    }
}
