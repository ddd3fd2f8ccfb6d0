using System.CommandLine;
using Slidebridge.Hosting;
using Slidebridge.Storage;

namespace Slidebridge.Commands;

/// <summary>Where a command finds the tasks: <c>--url</c>, or the database by <c>--data</c> or <c>--database</c>.</summary>
sealed class TaskAccessOptions
{
    readonly Option<string?> url = new("--url") { HelpName = "URL", Description = "A bridge that runs. [default: http://127.0.0.1:3000]" };
    readonly Option<string?> token = new("--api-token") { HelpName = "TOKEN", Description = "Its API token; SLIDEBRIDGE_API_TOKEN keeps it out of the command line." };
    readonly Option<string?> data = new("--data") { HelpName = "DIR", Description = "In place of a bridge: the data directory of one that is stopped." };
    readonly Option<string?> database = new("--database") { HelpName = "TEXT", Description = "In place of a bridge: the PostgreSQL database; SLIDEBRIDGE_DATABASE keeps its password out of the command line." };

    public TaskAccessOptions(Command command)
    {
        foreach (var option in (Option[])[url, token, data, database]) command.Options.Add(option);
    }

    /// <exception cref="CommandException">They contradict each other, or lead nowhere.</exception>
    public async Task<ITaskAccess> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (address, directory) = (parsed.GetValue(url), parsed.GetValue(data));
        var text = parsed.GetValue(database);
        if (new[] { address, directory, text }.Count(v => v is not null) > 1) throw new CommandException("Of --url, --data and --database only one can be given.", 2);
        if (directory is not null) return await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), directory, cancellationToken);
        if (address is null) text ??= Environment.GetEnvironmentVariable(ServeSettings.Database.Variable);
        if (text is { Length: > 0 }) return await StoredTasks.OpenAsync(ServeSettings.Database.Parse(text)!, "", cancellationToken);
        if (!Uri.TryCreate(address ?? "http://127.0.0.1:3000", UriKind.Absolute, out var bridge) || bridge.Scheme is not ("http" or "https"))
            throw new CommandException($"--url: '{address}' is no http or https URL.", 2);
        return new TaskApi(bridge, parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(ServeSettings.ApiToken.Variable));
    }
}
