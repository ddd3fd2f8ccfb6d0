using System.Globalization;
using Slidebridge.Provenance;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>Which bytes of slides were read, as text for an operator.</summary>
static class LedgerText
{
    /// <summary>Ranges that are listed for one object; the JSON has them all.</summary>
    const int MostListed = 20;

    static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = " ", NumberDecimalDigits = 0 };

    public static void Write(IReadOnlyList<ScanLedger> scans, string title, TextWriter output)
    {
        foreach (var scan in scans)
        {
            output.WriteLine($"scan {scan.Scan}, {title}:{(scan.GivenWhole ? " the classifier received the whole slide as a file or its URL" : "")}");
            foreach (var each in scan.Objects) Write(each, [.. scan.Parts.Where(part => part.Object == each.Object)], output);
            if (scan.Parts.Count == 0) output.WriteLine("  the place of a label or macro is not known, or the slide has none");
        }
    }

    static void Write(ObjectLedger of, IReadOnlyList<PartLedger> parts, TextWriter output)
    {
        output.WriteLine($"  object {of.Object}: {Number(of.BytesRead)} of {Number(of.Bytes)} bytes read in {Counted.Text(of.Read.Count, "range")}{(of.Version is { } version ? $", ETag {PlainText.Line(version)}" : "")}{(of.Staged ? "; the whole object was copied to the staging directory, because its URL was about to expire" : "")}");
        foreach (var part in parts)
            output.WriteLine($"    {PlainText.Line(part.Name)}: {Ranges(part.Bytes)}, {(part.BytesRead == 0 ? "never read" : $"{Number(part.BytesRead)} of these bytes read")}");
        output.WriteLine($"    read: {Ranges(of.Read)}");
    }

    static string Ranges(IReadOnlyList<long[]> ranges) => ranges.Count == 0 ? "nothing"
        : $"bytes {string.Join(", ", ranges.Take(MostListed).Select(range => $"{Number(range[0])} to {Number(range[1] - 1)}"))}{(ranges.Count > MostListed ? $" and {Counted.Text(ranges.Count - MostListed, "further range")} (--json lists all)" : "")}";

    static string Number(long value) => value.ToString("N", Grouped);
}
