using System.Globalization;

namespace Slidebridge.Fuzz.Running;

/// <summary>Totals for a person, and their last line for <c>test.sh</c>.</summary>
static class FuzzReport
{
    public static string Line(FuzzTotals totals, TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture,
        $"{totals.Cases} cases, {totals.Cases / elapsed.TotalSeconds:0}/s, {Share(totals.Opened, totals.Cases)} opened, refused {totals.Refused} + {totals.Formats} reads, {totals.Findings.Values.Sum(each => each.Count)} findings");

    public static void Write(FuzzTotals totals, int missing, TimeSpan elapsed)
    {
        Console.WriteLine();
        foreach (var (seed, (cases, opened)) in totals.Seeds) Console.WriteLine($"  {seed,-32} {cases,8} cases {Share(opened, cases),6} opened");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {Line(totals, elapsed)}
            opened    {Share(totals.Opened, totals.Cases)} of the cases; {Share(totals.Whole, totals.Cases)} read to the end
            refused   SlideFormatException {totals.Formats}, SlideSourceException {totals.Sources}, ArgumentException of a grid {totals.Arguments}
            slowest   {totals.Slowest.Milliseconds:0} ms: {totals.Slowest.Case}
            largest   {totals.Largest.Bytes / 1048576.0:0.0} MB allocated: {totals.Largest.Case}
            resident  {totals.Peak.Bytes >> 20} MB more than at the start, first at {totals.Peak.Case}
            passing   {totals.Passing} cases were slow or large once and not when run again alone
            """));
        foreach (var (cause, (count, example)) in totals.Findings) Console.WriteLine($"\nFOUND {count} times: {cause}\n{example}");
        // As the tests' own runner has it: a seed is a test, passed where no kind of finding adds a failed one, skipped where it could not be made.
        var failed = totals.Findings.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n   Slidebridge.Fuzz  Total: {totals.Seeds.Count + failed + missing}, Errors: 0, Failed: {failed}, Skipped: {missing}, Not Run: 0, Time: {elapsed.TotalSeconds:0.000}s"));
    }

    static string Share(long part, long whole) => whole == 0 ? "0 %" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0} %");
}
