using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Usage;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge usage</c>: what each company used, for billing.</summary>
static class UsageCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { HelpName = "MONTH", Description = "The first month, such as 2026-01. Default: this month." };
        var to = new Option<string?>("--to") { HelpName = "MONTH", Description = "The last month. Default: this month." };
        var csv = new Option<bool>("--csv") { Description = "CSV instead of columns." };
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("usage", """
            Shows what each company used in each month, for billing.

            It sums up, by month (UTC): tasks that ended, their scans, megapixels read, seconds of classifier time.

            Example:
              slidebridge usage --from 2026-01 --to 2026-03 --csv > usage.csv
            """)
        { from, to, csv, json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var now = Month.Of(DateTimeOffset.UtcNow);
            var (first, last) = (Read("--from", parsed.GetValue(from)) ?? now, Read("--to", parsed.GetValue(to)) ?? now);
            if (first.Start > last.Start) throw new CommandException($"--from {first} is after --to {last}.", 2);
            if (parsed.GetValue(csv) && parsed.GetValue(json)) throw new CommandException("Give only one of --csv and --json.", 2);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var (usage, output) = (await tasks.UsageAsync(first, last, cancellationToken), parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json)) await output.WriteLineAsync(JsonSerializer.Serialize([.. usage], UsageJson.Default.ListCompanyUsage));
            else if (parsed.GetValue(csv)) await output.WriteLineAsync(string.Join(Environment.NewLine, [CompanyUsage.CsvHeader, .. usage.Select(u => u.ToCsv())]));
            else Write(usage, output);
            return 0;
        });
    }

    static Month? Read(string flag, string? text) => text is null ? null : Month.Parse(text) ?? throw new CommandException($"{flag}: '{text}' is not a month such as 2026-11.", 2);

    static void Write(IReadOnlyList<CompanyUsage> usage, TextWriter output)
    {
        var listing = new Listing(new("month"), new("tasks"), new("completed"), new("failed"), new("scans"), new("megapixels"), new("classifier s"), new("company"));
        foreach (var u in usage)
            listing.Add(u.Month, $"{u.Tasks}", $"{u.Completed}", $"{u.Failed}", $"{u.Scans}", Number(u.Megapixels), Number(u.ClassifierSeconds), PlainText.Line(u.Company));
        listing.Write(output);
    }

    static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
