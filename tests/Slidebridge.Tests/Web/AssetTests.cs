using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;
using Slidebridge.Web.Parts;

namespace Slidebridge.Tests.Web;

/// <summary>What the pages' browsers load.</summary>
public sealed partial class AssetTests
{
    static string Folder => Path.Combine(Repository.Root, "src", "Slidebridge", "Web", "assets");

    [Fact]
    public void What_is_borrowed_is_what_its_list_says_and_nothing_else_is_there()
    {
        var listed = File.ReadLines(Path.Combine(Folder, "vendor", "vendored.tsv")).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).ToList();

        Assert.All(listed, line =>
        {
            Assert.Equal(6, line.Length);
            Assert.Matches(@"^\d+\.\d+\.\d+$", line[1]);
            Assert.Equal(line[4], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "vendor", line[3])))));
        });
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Folder, "vendor"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(Folder, "vendor"), file).Replace('\\', '/')).Where(file => file != "vendored.tsv").Order(StringComparer.Ordinal),
            listed.Select(line => line[3]).Order(StringComparer.Ordinal));
        Assert.All(listed.Select(line => line[0]).Distinct(), name => Assert.Contains(listed, line => line[0] == name && line[3].Contains("LICENSE", StringComparison.Ordinal)));
    }

    [Fact]
    public void Own_scripts_make_no_markup_and_no_code_from_text_and_store_nothing()
    {
        foreach (var name in WebAssets.Names.Where(name => name.EndsWith(".js", StringComparison.Ordinal) && !name.StartsWith("vendor/", StringComparison.Ordinal)))
        {
            var script = Encoding.UTF8.GetString(WebAssets.Find(name)!.Value.Bytes);
            Assert.False(Dangerous().IsMatch(script), $"{name}: {Dangerous().Match(script).Value}");
        }
    }

    [Fact]
    public void What_a_script_imports_is_there()
    {
        foreach (var name in WebAssets.Names.Where(name => name.EndsWith(".js", StringComparison.Ordinal)))
            foreach (Match import in Imports().Matches(Encoding.UTF8.GetString(WebAssets.Find(name)!.Value.Bytes)))
                Assert.NotNull(WebAssets.Find(Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(name)!, import.Groups[1].Value)))));
    }

    [Fact]
    public async Task The_viewers_page_names_every_module_and_what_its_scripts_ask_for_first()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var page = await (await bridge.GetAsync($"/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("objects/tile.js", WebAssets.ModulesOf("viewer.js"));
        foreach (var module in WebAssets.ModulesOf("viewer.js").Concat(WebAssets.ModulesOf("app.js"))) Assert.Contains($"=\"{WebAssets.Url(module)}\"", page, StringComparison.Ordinal);
        foreach (var first in (string[])["slide", "objects"]) Assert.Matches($"<link rel=\"preload\" as=\"fetch\" crossorigin[^>]* href=\"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}/{first}\"", page);
    }

    [Fact]
    public async Task A_file_may_be_kept_by_the_browser_under_the_address_of_its_version_only()
    {
        await using var bridge = await TestBridge.StartAsync();

        var own = await bridge.GetAsync(WebAssets.Url("app.js"));
        var other = await bridge.GetAsync(WebAssets.Url("app.js").Replace(WebAssets.Version, "0123456789ab", StringComparison.Ordinal));

        Assert.Equal("text/javascript", own.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromDays(365), own.Headers.CacheControl?.MaxAge);
        Assert.True(other.IsSuccessStatusCode);
        Assert.True(other.Headers.CacheControl?.NoStore);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await bridge.GetAsync($"/assets/{WebAssets.Version}/nowhere.js")).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/tasks")]
    [InlineData("/usage")]
    [InlineData("/setup")]
    public async Task A_page_has_no_inline_script_or_style(string path)
    {
        await using var bridge = await TestBridge.StartAsync();
        var page = await (await bridge.GetAsync(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("</html>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("<style|<script(?![^>]*src=)| style=|\\son\\w+=", page);
    }

    [GeneratedRegex(@"\.(inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\([""'`]|localStorage|sessionStorage|indexedDB|document\.cookie|postMessage")]
    private static partial Regex Dangerous();

    [GeneratedRegex(@"(?:from|import\()\s*""(\.[^""]+)""")]
    private static partial Regex Imports();
}
