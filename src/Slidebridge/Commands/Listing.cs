using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary>A column of a <see cref="Listing"/>.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="IsOptional">Omitted on a terminal that is too narrow for all columns.</param>
sealed record ListingColumn(string Name, bool IsOptional = false);

/// <summary>
/// Rows with headings. On a terminal the columns are aligned and fit its width, and a cell that is too long ends in …; in a file or a pipe nothing is truncated, and cells are separated by tabs.
/// </summary>
/// <param name="columns">The columns; the last one gets the remaining width.</param>
sealed class Listing(params ListingColumn[] columns)
{
    const int Gap = 2, LeastOfLast = 16, MostOfOthers = 24;

    readonly List<string[]> rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One for each column, without control characters.</param>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Writes the rows to this process's output.</summary>
    public void Write(TextWriter output) => Write(output, output == Console.Out && !Console.IsOutputRedirected ? AnsiConsole.Profile.Width : null);

    /// <param name="output">The output.</param>
    /// <param name="width">The terminal's width in characters; null if the output is not a terminal.</param>
    public void Write(TextWriter output, int? width)
    {
        string[][] all = [[.. columns.Select(c => c.Name)], .. rows];
        if (width is not { } room)
        {
            foreach (var row in all) output.WriteLine(string.Join('\t', row));
            return;
        }
        var (shown, widths) = Fit(all, room);
        foreach (var row in all) output.WriteLine(string.Join(new string(' ', Gap), shown.Select((column, i) => Cell(row[column], widths[i]))).TrimEnd());
    }

    /// <summary>The columns that fit, and their widths.</summary>
    (List<int> Columns, List<int> Widths) Fit(string[][] all, int room)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        while (true)
        {
            var widths = shown.Select(column => all.Max(row => row[column].Length)).ToList();
            for (var i = 0; i < widths.Count - 1; i++) widths[i] = Math.Min(widths[i], MostOfOthers);
            var left = room - widths.SkipLast(1).Sum() - Gap * (widths.Count - 1);
            if (left < Math.Min(widths[^1], LeastOfLast) && shown.FindLastIndex(column => columns[column].IsOptional) is >= 0 and var optional)
            {
                shown.RemoveAt(optional);
                continue;
            }
            widths[^1] = Math.Max(1, Math.Min(widths[^1], left));
            return (shown, widths);
        }
    }

    static string Cell(string text, int width) => text.Length > width ? text[..(width - 1)] + "…" : text.PadRight(width);
}
