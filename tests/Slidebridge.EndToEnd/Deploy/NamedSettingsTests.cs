using System.Text.Json;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Hosting;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>A setting that was renamed would be found out by whoever starts the cluster: here it is found before.</summary>
public sealed class NamedSettingsTests
{
    [Fact]
    public void Every_flag_in_the_deployments_files_is_a_setting()
    {
        var flags = ServeSettings.All.Select(s => s.Flag).Append("--config").ToHashSet();
        var used = DeployFiles.All.SelectMany(file => DeployFiles.Starts().Matches(File.ReadAllText(file)))
            .SelectMany(start => start.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)).Where(word => word.StartsWith("--", StringComparison.Ordinal)).Distinct().ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, flag => !flags.Contains(flag));
    }

    [Fact]
    public void Every_variable_in_the_deployments_files_and_pages_is_a_settings()
    {
        var variables = ServeSettings.All.Concat(WorkSettings.All).Select(s => s.Variable).ToHashSet();
        var pages = (string[])[Path.Combine(Files.Root, "docs", "deploy", "README.md"), Path.Combine(Files.Root, "docs", "operations.md")];
        var used = DeployFiles.All.Concat(pages).SelectMany(file => DeployFiles.Variables().Matches(File.ReadAllText(file))).Select(m => m.Value).Distinct().ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, variable => !variables.Contains(variable));
    }

    [Fact]
    public void The_example_of_secrets_is_a_file_of_settings()
    {
        using var json = JsonDocument.Parse(DeployFiles.Read("secrets/slidebridge.example.json"));
        var keys = ServeSettings.All.Select(s => s.Key).ToHashSet();
        Assert.DoesNotContain(json.RootElement.EnumerateObject().Select(m => m.Name), name => !keys.Contains(name));
    }
}
