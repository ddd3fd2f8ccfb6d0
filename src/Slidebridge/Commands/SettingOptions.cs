using System.CommandLine;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary>The bridge's settings as options of a command.</summary>
sealed class SettingOptions
{
    /// <summary>Every setting that a file or a variable may have.</summary>
    static readonly IReadOnlyList<Setting> Known = [.. ServeSettings.All, .. ClientSettings.Own];

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

    /// <summary>How to reach a bridge that runs.</summary>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public BridgeConnection ReadConnection(ParseResult parsed) => BridgeConnection.From(Values(parsed), isNamed: parsed.GetValue(config) is not null);

    /// <summary>How to reach a bridge's webhook.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="to">The webhook's URL, or null: then it is the bridge's, with its key.</param>
    /// <exception cref="SettingException">A setting cannot be; the message names it.</exception>
    public (BridgeConnection Bridge, Uri Webhook) ReadWebhook(ParseResult parsed, string? to)
    {
        var values = Values(parsed);
        if (to is not null && (!Uri.TryCreate(to, UriKind.Absolute, out var named) || named.Scheme is not ("http" or "https"))) throw new SettingException($"--to: '{to}' is not an http or https URL.");
        var webhook = to is null ? null : new Uri(to);
        var bridge = BridgeConnection.From(values, isNamed: parsed.GetValue(config) is not null, webhook);
        return (bridge, webhook ?? new Uri(bridge.Url, values.Get(ServeSettings.WebhookKey) is [var key, ..] ? $"/webhook/{key}" : "/webhook"));
    }

    /// <summary>The command line itself gives a setting.</summary>
    public bool IsGiven(ParseResult parsed, Setting setting) => Given(parsed, setting, options[setting]) is { Length: > 0 };

    /// <param name="parsed">The command line.</param>
    /// <param name="variables">The environment; null for the process's own.</param>
    /// <param name="readsUsual">Whether the usual file is read where none is named; null: as the command does otherwise.</param>
    /// <exception cref="SettingException">The file of settings cannot be.</exception>
    public SettingValues Values(ParseResult parsed, Func<string, string?>? variables = null, bool? readsUsual = null)
    {
        var named = parsed.GetValue(config);
        var readsUsualFile = readsUsual ?? this.readsUsualFile;
        if (named is null && !readsUsualFile && File.Exists(SettingsFile.Usual))
            Console.Error.WriteLine($"note: {SettingsFile.Usual} of this directory is not read, for it may start programs; --config {SettingsFile.Usual} reads it.");
        var file = named is null && !readsUsualFile ? null : SettingsFile.Read(named, Known);
        return new SettingValues(Known, s => options.TryGetValue(s, out var option) ? Given(parsed, s, option) : null, variables ?? Environment.GetEnvironmentVariable, file);
    }

    static string[]? Given(ParseResult parsed, Setting setting, Option<string[]> option) =>
        setting.IsSwitch && parsed.GetResult(option) is { Implicit: false } given && given.Tokens.Count == 0 ? ["yes"] : parsed.GetValue(option);
}
