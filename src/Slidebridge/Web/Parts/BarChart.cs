using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Slidebridge.Web.Parts;

/// <summary>Bars of several parts each, drawn as SVG. Each bar says its numbers on hover, and all together to those who do not see it.</summary>
static class BarChart
{
    const int Width = 900, Height = 140, Bottom = 18, Left = 34;

    /// <param name="Label">Below the bar.</param>
    /// <param name="Title">What the bar says when somebody points at it.</param>
    /// <param name="Parts">From the bottom up: a style's name and a number.</param>
    public sealed record Bar(string Label, string Title, IReadOnlyList<(string Style, double Value)> Parts);

    public static RenderFragment Draw(string what, IReadOnlyList<Bar> bars) => builder =>
    {
        var most = Math.Max(1, bars.Max(bar => bar.Parts.Sum(part => part.Value)));
        builder.OpenElement(0, "svg");
        builder.AddAttribute(1, "class", "chart");
        builder.AddAttribute(2, "viewBox", $"0 0 {Width} {Height}");
        builder.AddAttribute(3, "role", "img");
        builder.AddAttribute(4, "aria-label", $"{what}: {string.Join("; ", bars.Where(bar => bar.Parts.Any(part => part.Value > 0)).Select(bar => bar.Title).DefaultIfEmpty("nothing"))}");
        var (step, all) = ((Width - Left) / (double)bars.Count, Height - Bottom);
        Line(builder, Left, all, Width, all);
        Text(builder, Left - 4, 10, "end", ResultTable.Number(most));
        Text(builder, Left - 4, all, "end", "0");
        for (var i = 0; i < bars.Count; i++)
        {
            builder.OpenElement(10, "g");
            builder.OpenElement(11, "title");
            builder.AddContent(12, bars[i].Title);
            builder.CloseElement();
            double y = all;
            foreach (var (style, value) in bars[i].Parts)
            {
                var height = value / most * (all - 6);
                y -= height;
                builder.OpenElement(13, "rect");
                builder.AddAttribute(14, "class", style);
                builder.AddAttribute(15, "x", Number(Left + i * step + 1));
                builder.AddAttribute(16, "y", Number(y));
                builder.AddAttribute(17, "width", Number(Math.Max(1, step - 2)));
                builder.AddAttribute(18, "height", Number(height));
                builder.CloseElement();
            }
            builder.CloseElement();
            if (bars[i].Label.Length > 0) Text(builder, Left + (i + 0.5) * step, Height - 5, "middle", bars[i].Label);
        }
        builder.CloseElement();
    };

    static void Line(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder, double x1, double y1, double x2, double y2)
    {
        builder.OpenElement(20, "line");
        builder.AddAttribute(21, "class", "axis");
        builder.AddAttribute(22, "x1", Number(x1));
        builder.AddAttribute(23, "y1", Number(y1));
        builder.AddAttribute(24, "x2", Number(x2));
        builder.AddAttribute(25, "y2", Number(y2));
        builder.CloseElement();
    }

    static void Text(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder, double x, double y, string anchor, string text)
    {
        builder.OpenElement(30, "text");
        builder.AddAttribute(31, "x", Number(x));
        builder.AddAttribute(32, "y", Number(y));
        builder.AddAttribute(33, "text-anchor", anchor);
        builder.AddContent(34, text);
        builder.CloseElement();
    }

    static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
