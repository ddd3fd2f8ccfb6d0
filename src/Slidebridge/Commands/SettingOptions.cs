using System.CommandLine;
using Slidebridge.Settings;

namespace Slidebridge.Commands;

/// <summary>The bridge's settings as options of a command.</summary>
sealed class SettingOptions
{
    readonly Dictionary<Setting, Option<string[]>> options;
    readonly Option<string?> config = new("--config") { HelpName = "FILE", Description = "A JSON file of settings; slidebridge.json of this directory where none is given." };

    public SettingOptions(Command command)
    {
        options = ServeSettings.All.ToDictionary(s => s, s => new Option<string[]>(s.Flag)
        {
            HelpName = s.Placeholder,
            Description = $"{s.Help}{(s.Default is null ? "" : $" [default: {s.Default}]")}",
            Arity = ArgumentArity.OneOrMore, // Given twice, the last one holds.
            AllowMultipleArgumentsPerToken = s.Many,
            DefaultValueFactory = _ => [],
        });
        foreach (var option in options.Values) command.Options.Add(option);
        command.Options.Add(config);
    }

    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public BridgeOptions Read(ParseResult parsed, string defaultClassifier)
    {
        var file = SettingsFile.Read(parsed.GetValue(config), ServeSettings.All);
        var values = new SettingValues(ServeSettings.All, s => parsed.GetValue(options[s]), Environment.GetEnvironmentVariable, file);
        return BridgeOptions.From(values, defaultClassifier, file);
    }
}
