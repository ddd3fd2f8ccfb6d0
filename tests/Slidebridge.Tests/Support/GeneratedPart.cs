namespace Slidebridge.Tests.Support;

/// <summary>
/// A part of a page that is made from the code: <c>&lt;!-- generated: NAME --&gt; … &lt;!-- end --&gt;</c>. With the variable <c>SLIDEBRIDGE_RENEW_DOCS=1</c>
/// the tests write these parts in place of checking them.
/// </summary>
static class GeneratedPart
{
    /// <summary>Checks that a page holds a part as it would be made now.</summary>
    /// <param name="page">The page, from the repository's root.</param>
    /// <param name="name">The part.</param>
    /// <param name="made">What it must hold, without the line feeds around it.</param>
    public static void AssertIsCurrent(string page, string name, string made)
    {
        var path = Path.Combine(Repository.Root, page);
        var text = File.ReadAllText(path);
        var (begin, end) = ($"<!-- generated: {name} -->\n", "\n<!-- end -->");
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        Assert.True(from >= begin.Length, $"{page} has no part '{begin.Trim()}'.");
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("SLIDEBRIDGE_RENEW_DOCS") == "1") File.WriteAllText(path, text[..from] + made + text[to..]);
        else Assert.True(text[from..to] == made, $"'{name}' in {page} is outdated. Run the tests once with SLIDEBRIDGE_RENEW_DOCS=1. It would be:\n{made}");
    }
}
