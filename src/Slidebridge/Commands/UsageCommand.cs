using System.CommandLine;
using System.Globalization;
using Slidebridge.Usage;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge usage</c>: what each company used, for billing.</summary>
static class UsageCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { HelpName = "MONTH", Description = "The first month, such as 2026-01; this month where none is given." };
        var to = new Option<string?>("--to") { HelpName = "MONTH", Description = "The last month; this month where none is given." };
        var csv = new Option<bool>("--csv") { Description = "CSV instead of a table." };
        var command = new Command("usage", """
            Sums up what each company used in each month (UTC): tasks that ended, their scans, megapixels read, seconds of classifier time.

            Example:
              slidebridge usage --from 2026-01 --to 2026-03 --csv > usage.csv
            """)
        { from, to, csv };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var now = Month.Of(DateTimeOffset.UtcNow);
            var (first, last) = (Read("--from", parsed.GetValue(from)) ?? now, Read("--to", parsed.GetValue(to)) ?? now);
            if (first.Start > last.Start) throw new CommandException($"--from {first} is after --to {last}.", 2);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            Write(await tasks.UsageAsync(first, last, cancellationToken), parsed.GetValue(csv));
            return 0;
        });
    }

    static Month? Read(string flag, string? text) => text is null ? null : Month.Parse(text) ?? throw new CommandException($"{flag}: '{text}' is no month such as 2026-11.", 2);

    static void Write(IReadOnlyList<CompanyUsage> usage, bool csv)
    {
        if (csv)
        {
            Console.WriteLine(CompanyUsage.CsvHeader);
            foreach (var u in usage) Console.WriteLine(u.ToCsv());
            return;
        }
        var table = new Table().AddColumns("month", "company", "tasks", "completed", "failed", "scans", "megapixels", "classifier s");
        foreach (var u in usage)
            table.AddRow([.. new[] { u.Month, u.Company, $"{u.Tasks}", $"{u.Completed}", $"{u.Failed}", $"{u.Scans}",
                u.Megapixels.ToString("N1", CultureInfo.InvariantCulture), u.ClassifierSeconds.ToString("N1", CultureInfo.InvariantCulture) }.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}
