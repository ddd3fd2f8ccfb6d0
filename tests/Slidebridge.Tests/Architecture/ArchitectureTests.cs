using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Architecture;

/// <summary>Holds the arrows of docs/architecture.md: which project may use which, and that the namespaces of each use each other in one direction.</summary>
public sealed partial class ArchitectureTests
{
    [Theory]
    [InlineData("Slidebridge.Slides", "")]
    [InlineData("Slidebridge.Sdk", "Slidebridge.Slides")]
    [InlineData("Slidebridge.Simulator", "Slidebridge.Sdk")]
    [InlineData("Slidebridge", "Slidebridge.Sdk,Slidebridge.Simulator")]
    public void A_project_references_only_what_it_stands_on(string project, string allowed)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
        var references = ProjectReference().Matches(text).Select(m => Path.GetFileNameWithoutExtension(m.Groups[1].Value)).Order();
        Assert.Equal(allowed.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(), references);
    }

    [Fact]
    public void The_simulator_stands_on_the_results_model_alone() =>
        AssertNoUse("Slidebridge.Simulator", "", line => Uses(line, "Slidebridge.Slides") || (Uses(line, "Slidebridge.Sdk") && !line.Contains("Slidebridge.Sdk.Results", StringComparison.Ordinal)));

    [Fact]
    public void The_results_model_knows_no_slide() =>
        AssertNoUse("Slidebridge.Sdk", "Results", line => Uses(line, "Slidebridge.Slides"));

    [Fact]
    public void Only_commands_and_the_simulators_pages_use_the_simulator() =>
        AssertNoUse("Slidebridge", "", line => Uses(line, "Slidebridge.Simulator") || Uses(line, "Slidebridge.Commands"), except: ["Commands", "SimulatorPages", "BridgeBuilder.cs"]);

    public static TheoryData<string> Projects => ["Slidebridge.Slides", "Slidebridge.Sdk", "Slidebridge.Simulator", "Slidebridge"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespaces_use_each_other_in_one_direction(string project) => Assert.Empty(GraphOf(project).Cycles());

    [Fact]
    public void The_graph_of_namespaces_sees_what_stands_in_a_methods_body_alone()
    {
        // GeneratedPart is named in the body of the next method, and in no signature.
        var graph = new NamespaceGraph(typeof(ArchitectureTests).Assembly.Location);
        Assert.Contains("Architecture --> Support", graph.Draw(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_graph_is_drawn_in_the_page_of_the_architecture(string project) => GeneratedPart.AssertIsCurrent("docs/architecture.md", $"namespaces of {project}", GraphOf(project).Draw());

    static NamespaceGraph GraphOf(string project) => new(Path.Combine(AppContext.BaseDirectory, project + ".dll"));

    [Fact]
    public void The_page_of_the_architecture_names_files_that_are_there()
    {
        var there = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Where(f => !IsBuilt(f)).Select(f => "/" + Path.GetRelativePath(Repository.Root, f)).ToList();
        var named = CodeFile().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"))).Select(m => "/" + m.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => !there.Exists(file => file.EndsWith(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_logged_event_has_an_id_of_its_own()
    {
        var ids = from type in typeof(Bridge).Assembly.GetTypes()
                  from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                  let message = method.GetCustomAttribute<LoggerMessageAttribute>()
                  where message is not null
                  select (message.EventId, Name: $"{type.Name}.{method.Name}");
        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(each => each.EventId).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(each => each.Name))}"));
    }

    [Fact]
    public void No_folder_is_a_layer_or_a_drawer()
    {
        string[] drawers = ["Services", "Helpers", "Utils", "Utilities", "Models", "Common", "Managers", "Misc"];
        var found = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories).Where(d => drawers.Contains(Path.GetFileName(d)));
        Assert.Empty(found);
    }

    [Fact]
    public void A_packages_readme_leads_nowhere_by_a_relative_link()
    {
        var readmes = from project in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
                      from Match readme in PackedReadme().Matches(File.ReadAllText(project))
                      select Path.GetFullPath(readme.Groups[1].Value, Path.GetDirectoryName(project)!);
        Assert.NotEmpty(readmes);
        Assert.Empty(readmes.SelectMany(file => RelativeLink().Matches(File.ReadAllText(file)).Select(link => $"{Path.GetFileName(file)}: {link.Value}")));
    }

    static bool Uses(string line, string name) => Regex.IsMatch(line, $@"^\s*using\s+(static\s+)?{Regex.Escape(name)}(\.|;)");

    static void AssertNoUse(string project, string folder, Func<string, bool> forbidden, string[]? except = null)
    {
        var start = Path.Combine(Repository.Root, "src", project);
        var files = Directory.EnumerateFiles(Path.Combine(start, folder), "*.cs", SearchOption.AllDirectories).Where(f => !IsBuilt(f)).ToArray();
        Assert.NotEmpty(files);
        var found = from file in files
                    let relative = Path.GetRelativePath(start, file)
                    where except is null || !except.Contains(relative.Split(Path.DirectorySeparatorChar)[0])
                    from line in File.ReadLines(file)
                    where forbidden(line)
                    select $"{relative}: {line}";
        Assert.Empty(found);
    }

    static bool IsBuilt(string path) => path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    [GeneratedRegex("`([A-Za-z0-9./]+\\.cs)`")]
    private static partial Regex CodeFile();

    [GeneratedRegex("<ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("Include=\"([^\"]+)\"[^>]*PackagePath=\"README.md\"")]
    private static partial Regex PackedReadme();

    [GeneratedRegex(@"\]\((?!https://|#)[^)]*\)")]
    private static partial Regex RelativeLink();
}
