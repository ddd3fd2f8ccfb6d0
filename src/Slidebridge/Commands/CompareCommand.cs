using System.CommandLine;
using System.Text.Json;
using Slidebridge.Classifiers;
using Slidebridge.Comparison;
using Slidebridge.Security;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge compare</c>: what is the same and what differs in two results.</summary>
static class CompareCommand
{
    public static Command Create()
    {
        var before = new Argument<string>("A") { Description = "The file with the first result's JSON: before, or the truth." };
        var after = new Argument<string>("B") { Description = "The file with the second result's JSON." };
        var truth = new Option<bool>("--truth") { Description = "A is the truth: show precision, recall and F1." };
        var iou = new Option<string?>("--iou") { HelpName = "QUOTIENT", Description = "Two polygons match at this quotient of intersection and union, or more. Default: 0.5." };
        var within = new Option<string?>("--within") { HelpName = "DISTANCE", Description = "Points match within this distance, in level-0 pixels, or with --mpp in µm. Default: 15 pixels." };
        var mpp = new Option<string?>("--mpp") { HelpName = "MICRONS", Description = "The slides' micrometres per level-0 pixel, such as 0.25: --within is then in µm. Results do not contain it." };
        var html = new Option<string?>("--html") { HelpName = "FILE", Description = "Also write the comparison as a page: one file without scripts." };
        var json = new Option<bool>("--json") { Description = "As JSON, for programs. It always contains all numbers." };
        var command = new Command("compare", """
            Compares two results: counts, matches, precision, recall, Dice.

            Objects of one scan and one class are matched one to one: polygons and boxes by the IoU of their areas, the highest first; points by distance, the nearest first. A point also
            matches a polygon, by the polygon's centre. Lines are compared by their centres. Dice is of the area that all polygons of a class cover together.

            Without --truth, A is before and B is after. With --truth, A is the truth: 'missed' are objects of the truth that B lacks, 'extra' are objects that the truth lacks.

            Exit code: 0 compared, 1 failed, 2 wrong arguments or not a result.

            Examples:
              slidebridge compare old/results.json new/results.json
              slidebridge compare truth.json results.json --truth --iou 0.7 --html comparison.html
              slidebridge compare truth.json results.json --truth --within 4 --mpp 0.25
              slidebridge compare truth.json results.json --truth --json | jq '.all.all.f1'
            """)
        { before, after, truth, iou, within, mpp, html, json };
        return command.Does(async (parsed, cancellationToken) =>
        {
            var microns = parsed.Number(mpp, SlideSettings.IsMpp, SlideSettings.MppRange);
            var distance = parsed.Number(within, number => number is >= 0 and <= 1e6, "a number from 0 to 1000000, such as 15");
            var options = new MatchingOptions(
                parsed.Number(iou, number => number is > 0 and <= 1, "a number above 0 and at most 1, such as 0.5") ?? MatchingOptions.UsualIou,
                distance is null ? MatchingOptions.UsualWithin : distance.Value / (microns ?? 1));
            var (a, b) = (parsed.GetValue(before)!, parsed.GetValue(after)!);
            var scans = ResultComparison.Of(await ReadAsync(a, cancellationToken), await ReadAsync(b, cancellationToken), options, cancellationToken);
            var comparison = new ResultComparison(a, b, parsed.GetValue(truth), options.Iou, options.Within, options.Within * microns, scans, ResultComparison.Sum(scans));
            if (parsed.GetValue(html) is { } file) await File.WriteAllTextAsync(file, ComparisonPage.Of(comparison), cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(JsonSerializer.Serialize(comparison, ComparisonJson.Default.ResultComparison));
            else await WriteAsync(comparison, output, parsed.InvocationConfiguration.Error);
            return 0;
        });
    }

    static async Task<ComparedResult> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new CommandException($"The file {file} does not exist.", 2);
        var json = await File.ReadAllBytesAsync(file, cancellationToken);
        return ComparedResult.Read(json, ValidateCommand.NamedIn(json), out var problem)
            ?? throw new CommandException($"{file} is not a valid result: {problem}. 'slidebridge validate {file}' lists every problem.", 2);
    }

    static async Task WriteAsync(ResultComparison comparison, TextWriter output, TextWriter error)
    {
        var listing = new Listing([new ListingColumn("scan"), .. ComparisonTable.Headings(comparison.IsTruth).Select(heading => new ListingColumn(heading, IsOptional: heading is "missed" or "extra"))]);
        foreach (var scan in comparison.Scans.Count == 1 ? comparison.Scans : [.. comparison.Scans, comparison.All])
            foreach (var row in ComparisonTable.Rows(scan, comparison.IsTruth)) listing.Add([scan.ScanId ?? "all", .. row.Select(PlainText.Line)]);
        listing.Write(output);
        await error.WriteLineAsync(ComparisonTable.Rules(comparison));
    }
}
