using System.Text.RegularExpressions;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.English;

/// <summary>
/// Readers whose English is a second language stumble over these phrases: <c>words.tsv</c>, a regular expression and its plain form in each line. Whoever meets another one adds it.
/// </summary>
public sealed class PlainEnglishTests
{
    static readonly (Regex Phrase, string Plain)[] Words = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "English", "words.tsv"))
        .Where(line => line.Contains('\t', StringComparison.Ordinal)).Select(line => line.Split('\t')).Select(parts => (new Regex(parts[0], RegexOptions.IgnoreCase | RegexOptions.Compiled), parts[1]))];

    [Fact]
    public void The_pages_avoid_phrases_that_must_be_decoded()
    {
        var pages = Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories).Where(file => !IsBuilt(file)).ToList();
        Assert.Contains(pages, page => page.EndsWith("README.md", StringComparison.Ordinal));
        AssertPlain(pages);
    }

    /// <summary>Messages, docstrings and comments of what is shipped. Migrations are left as they were applied, and compiled models are generated.</summary>
    [Fact]
    public void The_sources_avoid_them_too()
    {
        var sources = Of("src", "*.cs").Where(file => !file.Contains("Migrations", StringComparison.Ordinal) && !file.Contains("CompiledModels", StringComparison.Ordinal))
            .Concat(Of("src", "*.targets")).Concat(Of("src", "*.props")).Concat(Of("python", "*.py")).Concat(Of("examples", "*.*")).Concat(Of("deploy", "*.*")).Concat(Of("docs", "*.json"))
            .Concat(((string[])["slidebridge", "slidebridge.cmd", "demo.sh", "test.sh"]).Select(name => Path.Combine(Repository.Root, name)))
            .Where(file => Path.GetExtension(file) is ".cs" or ".py" or ".sh" or ".json" or ".yml" or ".yaml" or ".targets" or ".props" or ".cmd" or "" && !file.EndsWith("packages.lock.json", StringComparison.Ordinal)).ToList();
        Assert.InRange(sources.Count, 700, int.MaxValue);
        AssertPlain(sources);
    }

    static IEnumerable<string> Of(string folder, string pattern) => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories).Where(file => !IsBuilt(file));

    static void AssertPlain(IEnumerable<string> files) => Assert.Empty(
        from file in files
        from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
        from word in Words
        where word.Phrase.IsMatch(line.Text)
        select $"{Path.GetRelativePath(Repository.Root, file)}({line.Number}): '{word.Phrase.Match(line.Text).Value}' in plain words: {word.Plain}");

    static bool IsBuilt(string path) => path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or ".git" or "node_modules");
}
