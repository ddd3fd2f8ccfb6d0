using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge sessions</c>: people who have signed in with a browser.</summary>
static class SessionsCommand
{
    public static Command Create() => new("sessions", """
        Shows who has signed in with a browser, and ends sessions.

        Examples:
          slidebridge sessions list
          slidebridge sessions end 'anna@lab.example via login.example'
        """)
    {
        List(), End(),
    };

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("list", "Shows every session that has not ended: whose, from where, until when.") { json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var (sessions, output) = (await bridge.SessionsAsync(cancellationToken), parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(sessions, SessionJson.Default.IReadOnlyListOpenSession));
                return 0;
            }
            var listing = new Listing(new("name"), new("from"), new("ends"), new("subject", IsOptional: true));
            foreach (var session in sessions)
                listing.Add(PlainText.Line(session.Name), PlainText.Line(session.From), session.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), PlainText.Line(session.Subject));
            listing.Write(output);
            return 0;
        });
    }

    static Command End()
    {
        var name = new Argument<string>("NAME") { Description = "Whose sessions, as the list shows the name." };
        var who = TaskOperationCommand.Operator();
        var command = new Command("end", "Ends every session of a person, on every node at once.\n\nThe person can sign in again, unless the identity provider or --oidc-role prevents it.") { name, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var ended = await bridge.EndSessionsAsync(parsed.GetValue(name)!, parsed.GetValue(who)!, cancellationToken);
            if (ended == 0) throw new CommandException($"Nobody named '{PlainText.Line(parsed.GetValue(name))}' has a session; 'slidebridge sessions list' shows the names.");
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Counted.Text(ended, "session")} ended.");
            return 0;
        });
    }
}
