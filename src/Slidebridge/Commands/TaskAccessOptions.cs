using System.CommandLine;
using Slidebridge.Events;
using Slidebridge.Hosting;
using Slidebridge.Storage;

namespace Slidebridge.Commands;

/// <summary>Where a command finds the tasks: in a running bridge, or in the database of <c>--data</c> or <c>--database</c>.</summary>
sealed class TaskAccessOptions
{
    readonly Option<string?> data = new("--data") { HelpName = "DIR", Description = "Instead of a running bridge: the data directory of a stopped one." };
    readonly Option<string?> database = new("--database") { HelpName = "TEXT", Description = "Instead of a running bridge: the PostgreSQL database; SLIDEBRIDGE_DATABASE keeps its password out of the command line." };
    readonly SettingOptions settings;

    public TaskAccessOptions(Command command) : this(command, new SettingOptions(command, ClientSettings.All, readsUsualFile: true))
    {
    }

    /// <param name="command">Receives the options.</param>
    /// <param name="settings">The command's settings, with those of a client.</param>
    public TaskAccessOptions(Command command, SettingOptions settings)
    {
        this.settings = settings;
        foreach (var option in (Option[])[data, database]) command.Options.Add(option);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="makes">Make the database of <c>--data</c> if the bridge was never started.</param>
    /// <exception cref="CommandException">The options exclude each other, or there is no such bridge or database.</exception>
    /// <exception cref="Settings.SettingException">A setting is invalid; the message names it.</exception>
    public async Task<ITaskAccess> OpenAsync(ParseResult parsed, CancellationToken cancellationToken, bool makes = false)
    {
        var (directory, text) = (parsed.GetValue(data), parsed.GetValue(database));
        if (new[] { settings.IsGiven(parsed, ClientSettings.Url), directory is not null, text is not null }.Count(given => given) > 1)
            throw new CommandException("Give only one of --url, --data and --database.", 2);
        if (directory is not null) return await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), directory, cancellationToken, makes, Events(parsed));
        if (!settings.IsGiven(parsed, ClientSettings.Url)) text ??= Environment.GetEnvironmentVariable(ServeSettings.Database.Variable);
        return text is { Length: > 0 }
            ? await StoredTasks.OpenAsync(ServeSettings.Database.Parse(text)!, "", cancellationToken, events: Events(parsed))
            : new TaskApi(settings.ReadConnection(parsed));
    }

    EventOptions Events(ParseResult parsed) => BridgeOptions.EventReceiversFrom(settings.Values(parsed));
}
