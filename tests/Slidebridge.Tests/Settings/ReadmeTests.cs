using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Settings;

public sealed class ReadmeTests
{
    [Fact]
    public void The_readmes_table_is_made_from_the_settings() => GeneratedPart.AssertIsCurrent("README.md", "settings",
        string.Join('\n', ServeSettings.All.Select(Row).Prepend("| setting | default | what it does |\n| --- | --- | --- |")));

    [Fact]
    public void The_page_of_routes_lists_what_one_classifier_may_have_of_its_own() => GeneratedPart.AssertIsCurrent("docs/classifiers/routes.md", "settings of one classifier",
        string.Join('\n', ServeSettings.All.Where(s => s.SectionKey is not null).Select(s => $"| `{s.SectionKey}` | `{s.Flag}` | {s.Help} |").Prepend("| key | setting | what it does |\n| --- | --- | --- |")));

    static string Row(Setting setting) => $"| `{setting.Flag} {setting.Placeholder}` | {(setting == ServeSettings.Concurrency ? "the number of cores" : setting.Default is { } text ? $"`{text}`" : "")} | {setting.Help} |";

    [Fact]
    public void The_readmes_classifier_is_the_example_that_is_built() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "examples", "own-classifier", "Program.cs")), File.ReadAllText(Path.Combine(Repository.Root, "README.md")));

    [Fact]
    public void The_program_of_the_slides_page_is_the_example_that_is_built() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "examples", "read-slide", "Program.cs")), File.ReadAllText(Path.Combine(Repository.Root, "docs", "slides.md")));
}
