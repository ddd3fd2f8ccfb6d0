using Slidebridge.Hosting;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Settings;

public sealed class ReadmeTests
{
    [Fact]
    public void The_readmes_table_has_every_setting_as_the_help_tells_it()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "README.md"));
        foreach (var setting in ServeSettings.All)
            Assert.Contains(rows, row => row.StartsWith($"| `{setting.Flag} {setting.Placeholder}` |", StringComparison.Ordinal) && row.EndsWith($"| {setting.Help} |", StringComparison.Ordinal));
    }

    [Fact]
    public void The_readmes_classifier_is_the_example_that_is_built() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "examples", "own-classifier", "Program.cs")), File.ReadAllText(Path.Combine(Repository.Root, "README.md")));

    [Fact]
    public void The_program_of_the_slides_page_is_the_example_that_is_built() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "examples", "read-slide", "Program.cs")), File.ReadAllText(Path.Combine(Repository.Root, "docs", "slides.md")));
}
