using System.Net;
using System.Text;
using Slidebridge.Security;

namespace Slidebridge.Comparison;

/// <summary>A comparison as one HTML file that needs nothing else: no script, and no address.</summary>
static class ComparisonPage
{
    const string Style = """
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
        body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; }
        thead th { border-bottom-width: 2px; } tr.all { font-weight: 600; }
        .soft { opacity: .75; }
        """;

    public static string Of(ResultComparison comparison)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append("<title>Comparison · Slidebridge</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>")
            .Append(comparison.IsTruth ? "A result compared with the truth" : "Two results compared").Append("</h1>\n<p>")
            .Append(comparison.IsTruth ? "Truth" : "A, before").Append(": ").Append(Text(comparison.A)).Append("<br>")
            .Append(comparison.IsTruth ? "Result" : "B, after").Append(": ").Append(Text(comparison.B)).Append("</p>\n<p class=\"soft\">").Append(Text(ComparisonTable.Rules(comparison))).Append("</p>\n");
        if (comparison.Scans.Count != 1) Section(page, "All scans", comparison.All, comparison.IsTruth);
        foreach (var scan in comparison.Scans) Section(page, $"Scan {scan.ScanId}", scan, comparison.IsTruth);
        return page.Append("</body>\n</html>\n").ToString();
    }

    static void Section(StringBuilder page, string title, ScanComparison scan, bool isTruth)
    {
        page.Append("<h2>").Append(Text(title)).Append("</h2>\n");
        if (scan.Classes.Count == 0)
        {
            page.Append("<p>Neither result has objects.</p>\n");
            return;
        }
        page.Append("<div class=\"scroll\"><table>\n<thead><tr>");
        foreach (var heading in ComparisonTable.Headings(isTruth)) page.Append("<th scope=\"col\">").Append(heading).Append("</th>");
        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var (i, row) in ComparisonTable.Rows(scan, isTruth).Index())
        {
            page.Append(i == scan.Classes.Count ? "<tr class=\"all\">" : "<tr>");
            foreach (var cell in row) page.Append("<td>").Append(Text(cell)).Append("</td>");
            page.Append("</tr>\n");
        }
        page.Append("</tbody>\n</table></div>\n");
    }

    static string Text(string text) => WebUtility.HtmlEncode(PlainText.Line(text));
}
