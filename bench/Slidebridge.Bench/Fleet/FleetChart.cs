using System.Globalization;
using System.Text;
using Slidebridge.Bench.Fleet.Simulation;

namespace Slidebridge.Bench.Fleet;

/// <summary>An SVG of one trace: tasks that wait, and below them workers that are paid for, one line for each policy.</summary>
static class FleetChart
{
    const int Width = 860, Left = 60, Right = 20, Panel = 180, Gap = 46, Top = 40;

    static readonly string[] Colours = ["#0b6", "#888", "#c50", "#36c", "#93c"];

    public static string Of(IReadOnlyList<FleetResult> results)
    {
        var busy = results.SelectMany(r => r.Samples).Where(s => s.Waiting > 0).ToList();
        var (from, until) = busy.Count == 0 ? (0, results[0].Samples[^1].At) : (Math.Max(0, busy.Min(s => s.At) - 600), busy.Max(s => s.At) + 3600);
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Top + 2 * Panel + 2 * Gap}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        foreach (var (result, i) in results.Select((r, i) => (r, i)))
            Add(svg, $"<text x=\"{Left + i * 150}\" y=\"18\" fill=\"{Colours[i % Colours.Length]}\">{result.Policy}</text>");
        Plot(svg, results, from, until, Top, "tasks that wait", s => s.Waiting);
        Plot(svg, results, from, until, Top + Panel + Gap, "workers that are paid for", s => s.Workers);
        return svg.Append("</svg>\n").ToString();
    }

    static void Plot(StringBuilder svg, IReadOnlyList<FleetResult> results, double from, double until, int top, string title, Func<SiteSample, int> value)
    {
        var highest = Math.Max(1, results.SelectMany(r => r.Samples).Where(s => s.At >= from && s.At <= until).Max(value));
        double X(double at) => Left + (at - from) / (until - from) * (Width - Left - Right);
        double Y(int count) => top + Panel - (double)count / highest * Panel;
        Add(svg, $"<text x=\"{Left}\" y=\"{top - 6}\">{title}</text><path d=\"M{Left} {top}V{top + Panel}H{Width - Right}\" fill=\"none\" stroke=\"#444\"/>");
        Add(svg, $"<text x=\"{Left - 6}\" y=\"{top + 4}\" text-anchor=\"end\">{highest}</text><text x=\"{Left - 6}\" y=\"{top + Panel}\" text-anchor=\"end\">0</text>");
        for (var mark = 0; mark <= 4; mark++)
        {
            var at = from + (until - from) * mark / 4;
            Add(svg, $"<text x=\"{X(at):0}\" y=\"{top + Panel + 16}\" text-anchor=\"middle\">{TimeSpan.FromSeconds(at):hh\\:mm}</text>");
        }
        foreach (var (result, i) in results.Select((r, i) => (r, i)))
        {
            var path = new StringBuilder();
            (double At, int Count)? last = null;
            foreach (var sample in result.Samples.Where(s => s.At >= from && s.At <= until))
            {
                if (last?.Count == value(sample)) continue;
                last = (sample.At, value(sample));
                Add(path, path.Length == 0 ? $"M{X(sample.At):0.0} {Y(value(sample)):0.0}" : (FormattableString)$"H{X(sample.At):0.0}V{Y(value(sample)):0.0}");
            }
            Add(svg, $"<path d=\"{path}H{X(until):0.0}\" fill=\"none\" stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"1.5\"/>");
        }
    }

    static void Add(StringBuilder text, FormattableString what) => text.Append(what.ToString(CultureInfo.InvariantCulture));
}
