using System.CommandLine;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary>The bridge's settings as options of a command.</summary>
sealed class SettingOptions
{
    readonly Dictionary<Setting, Option<string[]>> options;
    readonly Option<string?> config;
    readonly bool readsUsualFile;

    /// <param name="command">Gets the options.</param>
    /// <param name="settings">Which of them; null for all.</param>
    /// <param name="readsUsualFile">
    /// Whether slidebridge.json of this directory is read where no file is named. It names programs that are started: a command that looks at a slide in a stranger's folder must not run what lies there.
    /// </param>
    public SettingOptions(Command command, IReadOnlyList<Setting>? settings = null, bool readsUsualFile = false)
    {
        this.readsUsualFile = readsUsualFile;
        config = new("--config") { HelpName = "FILE", Description = readsUsualFile ? "A JSON file of settings; slidebridge.json of this directory where none is given." : "A JSON file of settings." };
        options = (settings ?? ServeSettings.All).ToDictionary(s => s, s => new Option<string[]>(s.Flag)
        {
            HelpName = s.Placeholder,
            Description = $"{s.Help}{(s.Default is null ? "" : $" [default: {s.Default}]")}",
            // Given twice, the last one holds; a switch may stand without its yes.
            Arity = s.IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = s.IsList,
            DefaultValueFactory = _ => [],
        });
        foreach (var option in options.Values) command.Options.Add(option);
        command.Options.Add(config);
    }

    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public BridgeOptions Read(ParseResult parsed, string defaultClassifier) => BridgeOptions.From(Values(parsed), defaultClassifier);

    /// <summary>Those of the platform alone: no other setting has to be right.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public PlatformOptions ReadPlatform(ParseResult parsed) => BridgeOptions.PlatformFrom(Values(parsed));

    /// <summary>Those of the classifiers alone.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public ClassifierOptions ReadClassifiers(ParseResult parsed, string defaultClassifier) => BridgeOptions.ClassifiersFrom(Values(parsed), defaultClassifier);

    /// <param name="parsed">The command line.</param>
    /// <param name="variables">The environment; null for the process's own.</param>
    /// <exception cref="SettingException">The file of settings cannot be.</exception>
    public SettingValues Values(ParseResult parsed, Func<string, string?>? variables = null)
    {
        var named = parsed.GetValue(config);
        if (named is null && !readsUsualFile && File.Exists(SettingsFile.Usual))
            Console.Error.WriteLine($"note: {SettingsFile.Usual} of this directory is not read, for it may start programs; --config {SettingsFile.Usual} reads it.");
        var file = named is null && !readsUsualFile ? null : SettingsFile.Read(named, ServeSettings.All);
        return new SettingValues(ServeSettings.All, s => options.TryGetValue(s, out var option) ? Given(parsed, s, option) : null, variables ?? Environment.GetEnvironmentVariable, file);
    }

    static string[]? Given(ParseResult parsed, Setting setting, Option<string[]> option) =>
        setting.IsSwitch && parsed.GetResult(option) is { Implicit: false } given && given.Tokens.Count == 0 ? ["yes"] : parsed.GetValue(option);
}
