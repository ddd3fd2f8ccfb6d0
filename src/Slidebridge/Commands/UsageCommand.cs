using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Usage;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge usage</c>: what was used and how long results took, for billing and planning.</summary>
static class UsageCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { HelpName = "DATE", Description = "First month or day, such as 2026-01 or 2026-01-15. Default: this month, or that of --to." };
        var to = new Option<string?>("--to") { HelpName = "DATE", Description = "Last month or day, inclusive. Default: this month." };
        var by = new Option<string>("--by") { HelpName = "KEYS", Description = $"What to sum up by: a list of {UsageKeys.Names}.", DefaultValueFactory = _ => UsageKeys.Text(UsageKeys.Default) };
        var csv = new Option<bool>("--csv") { Description = "CSV instead of columns." };
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("usage", """
            Shows what each company used in each month, for billing.

            --by sums up by other keys, such as day and model. Tasks count on the day on which they ended (UTC). Each line has their number, their scans, megapixels read, seconds of classifier time, and the time from the webhook
            to the result on the platform: half of the completed tasks took at most 'median', 95 % at most 'p95'.

            Examples:
              slidebridge usage --from 2026-01 --to 2026-03 --csv > usage.csv
              slidebridge usage --by day,model
              slidebridge usage --by group       # with the paid time and cost of the fleet's workers
            """)
        { from, to, by, csv, json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var range = UsageRange.Of(Read("--from", parsed.GetValue(from)), Read("--to", parsed.GetValue(to)), DateTimeOffset.UtcNow);
            if (range.IsEmpty) throw new CommandException($"--from {range.First} is after --to {range.Last}.", 2);
            var keys = UsageKeys.Parse(parsed.GetValue(by)!) ?? throw new CommandException($"--by: '{parsed.GetValue(by)}' is not a list of {UsageKeys.Names}, each once.", 2);
            if (parsed.GetValue(csv) && parsed.GetValue(json)) throw new CommandException("Give only one of --csv and --json.", 2);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var (usage, output) = (await tasks.UsageAsync(range, keys, cancellationToken), parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json)) await output.WriteLineAsync(JsonSerializer.Serialize([.. usage], UsageJson.Default.ListUsageSum));
            else if (parsed.GetValue(csv)) await output.WriteLineAsync(string.Join(Environment.NewLine, [UsageSum.CsvHeader(keys), .. usage.Select(u => u.ToCsv(keys))]));
            else Write(usage, keys, output);
            return 0;
        });
    }

    static UsagePeriod? Read(string flag, string? text) =>
        text is null ? null : UsagePeriod.Parse(text) ?? throw new CommandException($"{flag}: '{text}' is not a month such as 2026-11 or a day such as 2026-11-28.", 2);

    static void Write(IReadOnlyList<UsageSum> usage, IReadOnlyList<UsageKey> keys, TextWriter output)
    {
        // Names come last: they may be long.
        var (times, names) = (keys.Where(IsTime).ToList(), keys.Where(key => !IsTime(key)).ToList());
        ListingColumn[] columns = [new("tasks"), new("completed"), new("failed"), new("scans"), new("megapixels"), new("classifier s"), new("median s", IsOptional: true), new("p95 s", IsOptional: true), .. keys.Contains(UsageKey.Group) ? [new("paid s"), new("cost"), new("cost/scan", IsOptional: true)] : Array.Empty<ListingColumn>()];
        var listing = new Listing([.. times.Select(key => new ListingColumn(key.Name())), .. columns, .. names.Select(key => new ListingColumn(key.Name()))]);
        foreach (var u in usage)
        {
            listing.Add([.. times.Select(key => u.Of(key) ?? ""), $"{u.Tasks}", $"{u.Completed}", $"{u.Failed}", $"{u.Scans}", Number(u.Megapixels), Number(u.ClassifierSeconds), Number(u.MedianSeconds), Number(u.P95Seconds),
                .. keys.Contains(UsageKey.Group) ? [Number(u.PaidSeconds), u.Cost?.ToString("0.00", CultureInfo.InvariantCulture) ?? "", u.CostPerScan?.ToString("0.0000", CultureInfo.InvariantCulture) ?? ""] : Array.Empty<string>(),
                .. names.Select(key => PlainText.Line(u.Of(key) ?? ""))]);
        }
        listing.Write(output);
    }

    static bool IsTime(UsageKey key) => key is UsageKey.Month or UsageKey.Day;

    static string Number(double? value) => value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";
}
