using System.CommandLine;
using System.Text.Json;
using Slidebridge.Identity;
using Slidebridge.Storage;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge audit</c>: who did and saw what.</summary>
static class AuditCommand
{
    public static Command Create() => new("audit", """
        Exports and verifies the audit log.

        It says who did or saw what, when, from where. Each line has the hash of the line before: a line that is changed, removed or inserted later is found.

        Examples:
          slidebridge audit export --out audit.jsonl
          slidebridge audit verify
          slidebridge audit verify audit.jsonl
        """)
    {
        Export(), Verify(),
    };

    static Command Export()
    {
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "The output file. Default: stdout." };
        var command = new Command("export", "Writes the audit log as JSON lines, the oldest first.") { output };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var file = parsed.GetValue(output);
            await using var made = file is null ? null : new StreamWriter(File.Create(file));
            var writer = made ?? parsed.InvocationConfiguration.Output;
            var lines = 0L;
            await foreach (var line in bridge.AuditAsync(cancellationToken))
            {
                await writer.WriteLineAsync(JsonSerializer.Serialize(line, AuditJson.Default.AuditLine));
                lines++;
            }
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{Counted.Text(lines, "line")}.");
            return 0;
        });
    }

    static Command Verify()
    {
        var file = new Argument<string?>("FILE") { Description = "An exported log. Default: the bridge's own.", Arity = ArgumentArity.ZeroOrOne };
        var seen = new Option<string?>("--contains") { HelpName = "HASH", Description = "A line's hash that you noted earlier: it must still be there. Lines that were removed from the end are found only this way." };
        var command = new Command("verify", "Checks that no line was changed, removed or inserted.\n\nExit code: 0 the log is unbroken, 1 it is not.") { file, seen };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            AuditEntry? last = null;
            long lines = 0, first = 0;
            var (wanted, isSeen) = (parsed.GetValue(seen)?.Trim().ToLowerInvariant(), false);
            try
            {
                await foreach (var line in LinesAsync(parsed, file, access, cancellationToken))
                {
                    var entry = line.ToEntry();
                    if (AuditChain.Break(last, entry) is { } why) throw new CommandException($"The audit log is not intact: {why}.");
                    isSeen |= line.Hash == wanted;
                    last = entry;
                    if (lines++ == 0) first = entry.Number;
                }
            }
            catch (FormatException e)
            {
                throw new CommandException($"The audit log is not intact: after {Counted.Text(lines, "line")}, {e.Message}.");
            }
            if (wanted is not null && !isSeen) throw new CommandException($"The audit log is not intact: no line has the hash {wanted}.");
            if (last is null && parsed.GetValue(file) is { } empty) throw new CommandException($"{empty} has no lines.");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(last is null ? "The audit log has no lines." : $"The audit log is intact: {Counted.Text(lines, "line")}, {first} to {last.Number}. The last hash is {Convert.ToHexStringLower(last.Hash)}.");
            return 0;
        });
    }

    static async IAsyncEnumerable<AuditLine> LinesAsync(ParseResult parsed, Argument<string?> file, TaskAccessOptions access, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (parsed.GetValue(file) is { } name)
        {
            await foreach (var line in File.ReadLinesAsync(name, cancellationToken)) yield return AuditLine.Parse(line);
            yield break;
        }
        await using var bridge = await access.OpenAsync(parsed, cancellationToken);
        await foreach (var line in bridge.AuditAsync(cancellationToken)) yield return line;
    }
}
