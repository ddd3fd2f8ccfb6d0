using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Units;
using Slidebridge.Workers;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge workers</c>: who works for the bridge elsewhere, and the tokens of workers.</summary>
static class WorkersCommand
{
    public static Command Create() => new("workers", """
        Shows the workers of a bridge, and makes their tokens.

        Give each worker a separate token: you can revoke it alone. A worker's token takes tasks and sees nothing else.

        Examples:
          slidebridge workers list
          slidebridge workers token add --name lab1 --group gpu
          slidebridge workers token revoke lab1
        """)
    {
        List(), new Command("token", "Makes and revokes tokens of workers; 'slidebridge token list' shows them with all others.") { Add(), TokenCommand.Revoke("Ends a worker's token, on every node within two seconds. The worker ends, and its tasks go to another.") },
    };

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("list", "Shows the workers of the last day: what each does, since when, its version, GPU and classifiers; and those that the fleet has requested.") { json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var (workers, output) = (await bridge.WorkersAsync(cancellationToken), parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(workers, WorkJson.Default.IReadOnlyListWorkerJson));
                return 0;
            }
            var listing = new Listing(new("name"), new("state"), new("tasks"), new("groups"), new("classifiers"), new("gpu", IsOptional: true), new("since", IsOptional: true), new("seen"), new("version", IsOptional: true), new("machine", IsOptional: true));
            foreach (var worker in workers)
                listing.Add(
                    PlainText.Line(worker.Name), worker.State, string.Join(", ", worker.Tasks), PlainText.Line(string.Join(", ", worker.Groups)), PlainText.Line(string.Join(", ", worker.Classifiers)), PlainText.Line(worker.Gpu ?? ""),
                    Moment(worker.Since), worker.SeenAt is { } seen ? Moment(seen) : "", PlainText.Line(worker.Version), PlainText.Line(worker.Machine));
            listing.Write(output);
            return 0;
        });
    }

    static Command Add()
    {
        var name = new Option<string>("--name") { HelpName = "NAME", Description = "Whose token it is: letters, digits, '-', '_', '.' and '@'.", Required = true };
        var group = new Option<string[]>("--group") { HelpName = "GROUP", Description = "Only tasks of this execution group. Repeatable. Without it: all groups of workers.", Arity = ArgumentArity.OneOrMore };
        var expires = TokenCommand.Expires();
        var who = TaskOperationCommand.Operator();
        var command = new Command("add", "Makes a worker's token and prints it once.\n\nThe bridge stores only a hash of it. The worker takes it from SLIDEBRIDGE_TOKEN or --token.") { name, group, expires, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var ends = TokenCommand.EndOf(parsed.GetValue(expires));
            await using var bridge = await access.OpenAsync(parsed, cancellationToken, makes: true);
            var groups = parsed.GetValue(group) is { Length: > 0 } given ? given : null;
            var made = await bridge.AddTokenAsync(new TokenRequest(parsed.GetValue(name), Role.Worker.Name(), null, ends, groups), parsed.GetValue(who)!, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(made.Text);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"The token of worker {made.Token.Name} ({(groups is null ? "all groups of workers" : Counted.Text(groups.Length, "group"))}) {TokenCommand.Until(ends)}. It is not shown again.");
            return 0;
        });
    }

    static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
