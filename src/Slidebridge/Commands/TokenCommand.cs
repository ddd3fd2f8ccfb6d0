using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge token</c>: named API tokens.</summary>
static class TokenCommand
{
    public static Command Create() => new("token", """
        Makes, lists and revokes API tokens.

        Give each person and each program a separate token: then the audit log says who did what, and you can revoke one token alone.
        A viewer sees tasks, results and slides; an operator also acts on tasks; an admin also manages tokens and reads the audit log.

        Examples:
          slidebridge token add anna --role operator --expires 90d
          slidebridge token add dashboard --role viewer --company 1234
          slidebridge token list
          slidebridge token revoke anna
        """)
    {
        Add(), List(), Revoke("Ends a token, on every node within two seconds."),
    };

    static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "Whose token it is: letters, digits, '-', '_', '.' and '@'." };
        var role = new Option<string>("--role") { HelpName = "ROLE", Description = $"What its owner may do: {string.Join(", ", Roles.OfPeople.Select(r => r.Name()))}.", Required = true };
        role.AcceptOnlyFromAmong([.. Roles.OfPeople.Select(r => r.Name())]);
        var company = new Option<string[]>("--company") { HelpName = "ID", Description = "Only the tasks of this company. Repeatable. Without it: all companies.", Arity = ArgumentArity.OneOrMore };
        var expires = Expires();
        var who = TaskOperationCommand.Operator();
        var command = new Command("add", "Makes a token and prints it once.\n\nThe bridge stores only a hash of it. Clients send it as 'Authorization: Bearer TOKEN'; slidebridge's own commands take it from SLIDEBRIDGE_API_TOKEN.") { name, role, company, expires, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var ends = EndOf(parsed.GetValue(expires));
            await using var bridge = await access.OpenAsync(parsed, cancellationToken, makes: true);
            var made = await bridge.AddTokenAsync(new TokenRequest(parsed.GetValue(name), parsed.GetValue(role), parsed.GetValue(company) is { Length: > 0 } companies ? companies : null, ends), parsed.GetValue(who)!, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(made.Text);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"The token of {made.Token.Name} ({made.Token.Role}{(made.Token.Companies.Count > 0 ? $", companies {string.Join(", ", made.Token.Companies)}" : "")}) {Until(ends)}. It is not shown again.");
            return 0;
        });
    }

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("list", "Shows every token: whose, which role, until when, last used when.") { json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var (tokens, output) = (await bridge.TokensAsync(cancellationToken), parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize([.. tokens], TokenJsonContext.Default.ListTokenJson));
                return 0;
            }
            var listing = new Listing(new("name"), new("role"), new("state"), new("ends"), new("last used"), new("made", IsOptional: true), new("by", IsOptional: true), new("companies"));
            foreach (var token in tokens)
                listing.Add(PlainText.Line(token.Name), token.Role, token.State, Day(token.RevokedAt ?? token.ExpiresAt), Moment(token.LastUsedAt), Day(token.MadeAt), PlainText.Line(token.MadeBy), PlainText.Line(string.Join(", ", token.Companies)));
            listing.Write(output);
            return 0;
        });
    }

    /// <summary>The command that ends a token.</summary>
    /// <param name="help">Its description.</param>
    public static Command Revoke(string help)
    {
        var name = new Argument<string>("NAME") { Description = "Whose token." };
        var who = TaskOperationCommand.Operator();
        var command = new Command("revoke", help) { name, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var bridge = await access.OpenAsync(parsed, cancellationToken);
            var token = await bridge.RevokeTokenAsync(parsed.GetValue(name)!, parsed.GetValue(who)!, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"The token of {token.Name} is revoked.");
            return 0;
        });
    }

    /// <summary>The option for a token's lifetime.</summary>
    public static Option<string?> Expires() => new("--expires") { HelpName = "TIME", Description = "The token ends after this time: 90d, 12h. Without it, it does not end." };

    /// <summary>When a token of a lifetime ends; null: it does not.</summary>
    /// <exception cref="CommandException">The text is not a time.</exception>
    public static DateTimeOffset? EndOf(string? lifetime) => lifetime is null ? null : Lifetime(lifetime);

    /// <summary>When a token ends, as the end of a sentence.</summary>
    public static string Until(DateTimeOffset? ends) => ends is { } end ? $"ends on {end.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC" : "does not end";

    static DateTimeOffset Lifetime(string text) => Duration.Parse(text) is { } time && time > TimeSpan.Zero && time < TimeSpan.FromDays(36500)
        ? DateTimeOffset.UtcNow + time : throw new CommandException($"--expires: '{text}' is not a time such as 90d or 12h.", 2);

    static string Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    static string Moment(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
