using System.CommandLine;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary>The bridge's settings as options of a command.</summary>
sealed class SettingOptions
{
    /// <summary>Every setting that may be in a file or a variable.</summary>
    static readonly IReadOnlyList<Setting> Known = [.. ServeSettings.All, .. ClientSettings.Own, .. WorkSettings.Own];

    readonly Dictionary<Setting, Option<string[]>> options;
    readonly Option<string?> config;
    readonly bool readsUsualFile;

    /// <param name="command">Receives the options.</param>
    /// <param name="settings">The settings; null for all.</param>
    /// <param name="readsUsualFile">
    /// Whether slidebridge.json in the current directory is read if no file is named. It can start programs: a command that opens a slide in a stranger's folder must not run programs from there.
    /// </param>
    public SettingOptions(Command command, IReadOnlyList<Setting>? settings = null, bool readsUsualFile = false)
    {
        this.readsUsualFile = readsUsualFile;
        config = new("--config") { HelpName = "FILE", Description = readsUsualFile ? "A JSON file of settings. Default: slidebridge.json in this directory." : "A JSON file of settings." };
        options = (settings ?? ServeSettings.All).ToDictionary(s => s, s => new Option<string[]>(s.Flag)
        {
            HelpName = s.Placeholder,
            Description = $"{s.Help}{(s.Default is null ? "" : $" [default: {s.Default}]")}",
            // If an option is given twice, the last one counts; a switch may be given without "yes".
            Arity = s.IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = s.IsList,
            DefaultValueFactory = _ => [],
        });
        foreach (var option in options.Values) command.Options.Add(option);
        command.Options.Add(config);
    }

    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public BridgeOptions Read(ParseResult parsed, string defaultClassifier) => BridgeOptions.From(Values(parsed), defaultClassifier);

    /// <summary>Reads only the platform's settings: all others may be wrong.</summary>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public PlatformOptions ReadPlatform(ParseResult parsed) => BridgeOptions.PlatformFrom(Values(parsed));

    /// <summary>Reads only the classifiers' settings.</summary>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public ClassifierOptions ReadClassifiers(ParseResult parsed, string defaultClassifier) => BridgeOptions.ClassifiersFrom(Values(parsed), defaultClassifier);

    /// <summary>How to connect to a running bridge.</summary>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public BridgeConnection ReadConnection(ParseResult parsed) => BridgeConnection.From(Values(parsed), isNamed: parsed.GetValue(config) is not null);

    /// <summary>How to connect to a bridge's webhook.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="to">The webhook's URL, or null: then it is the bridge's, with its key.</param>
    /// <exception cref="SettingException">A setting is invalid; the message names it.</exception>
    public (BridgeConnection Bridge, Uri Webhook) ReadWebhook(ParseResult parsed, string? to)
    {
        var values = Values(parsed);
        if (to is not null && (!Uri.TryCreate(to, UriKind.Absolute, out var named) || named.Scheme is not ("http" or "https"))) throw new SettingException($"--to: '{to}' is not an http or https URL.");
        var webhook = to is null ? null : new Uri(to);
        var bridge = BridgeConnection.From(values, isNamed: parsed.GetValue(config) is not null, webhook);
        return (bridge, webhook ?? new Uri(bridge.Url, values.Get(ServeSettings.WebhookKey) is [var key, ..] ? $"/webhook/{key}" : "/webhook"));
    }

    /// <summary>The setting is given on the command line.</summary>
    public bool IsGiven(ParseResult parsed, Setting setting) => Given(parsed, setting, options[setting]) is { Length: > 0 };

    /// <param name="parsed">The command line.</param>
    /// <param name="variables">The environment; null for the process's own.</param>
    /// <param name="readsUsual">Whether the usual file is read if none is named; null: the command's default.</param>
    /// <exception cref="SettingException">The settings file is invalid.</exception>
    public SettingValues Values(ParseResult parsed, Func<string, string?>? variables = null, bool? readsUsual = null)
    {
        var named = parsed.GetValue(config);
        var readsUsualFile = readsUsual ?? this.readsUsualFile;
        if (named is null && !readsUsualFile && File.Exists(SettingsFile.Usual))
            Console.Error.WriteLine($"note: {SettingsFile.Usual} in this directory is not read, because it can start programs. To read it, give --config {SettingsFile.Usual}.");
        var file = named is null && !readsUsualFile ? null : SettingsFile.Read(named, Known);
        return new SettingValues(Known, s => options.TryGetValue(s, out var option) ? Given(parsed, s, option) : null, variables ?? Environment.GetEnvironmentVariable, file);
    }

    static string[]? Given(ParseResult parsed, Setting setting, Option<string[]> option) =>
        setting.IsSwitch && parsed.GetResult(option) is { Implicit: false } given && given.Tokens.Count == 0 ? ["yes"] : parsed.GetValue(option);
}
