using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Slidebridge.Settings;

namespace Slidebridge.Commands;

/// <summary>What is wrong with a command line, in one sentence, with a suggestion.</summary>
static partial class WrongArguments
{
    /// <summary>The sentence; null if nothing is wrong.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="args">The arguments as they were given.</param>
    public static string? Find(ParseResult parsed, string[] args)
    {
        var what = Unknown(parsed, args) ?? (parsed.Errors.Count == 0 ? null : Sentence(parsed));
        return what is null ? null : $"{what} See '{PathOf(parsed.CommandResult)} --help'.";
    }

    /// <summary>A command with those above it: <c>slidebridge tasks list</c>.</summary>
    public static string PathOf(CommandResult result) => result.Parent is CommandResult above ? $"{PathOf(above)} {result.Command.Name}" : result.Command.Name;

    /// <summary>An unknown option or command.</summary>
    static string? Unknown(ParseResult parsed, string[] args)
    {
        var (result, command) = (parsed.CommandResult, parsed.CommandResult.Command);
        // A command that accepts any number of slides or tasks treats an unknown option as one more of them.
        var given = args.TakeWhile(a => a != "--").ToHashSet();
        var taken = result.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value).Where(t => IsOption(t) && given.Contains(t));
        if (parsed.UnmatchedTokens.Concat(taken).FirstOrDefault(t => IsOption(t) && given.Any(a => a == t || a.StartsWith(t + '=', StringComparison.Ordinal))) is { } option)
            return $"There is no option '{option}'.{Meant(Spelling.Nearest(option.Split('=')[0], Options(result)))}";
        if (parsed.UnmatchedTokens is not [var word, ..]) return null;
        if (command.Subcommands.Count == 0) return $"'{word}' is an unexpected argument.";
        return $"There is no command '{PathOf(result)} {word}'.{Meant(CommandLike(word, command, PathOf(result)))}";
    }

    static string Sentence(ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && !parsed.CommandResult.Children.Any())
            return $"A command is missing after '{PathOf(parsed.CommandResult)}': {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(c => c.Name))}.";
        return Plain(parsed.Errors[0]);
    }

    /// <summary>The library's sentences name .NET types, and not always the option.</summary>
    static string Plain(ParseError error)
    {
        var told = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var name = error.SymbolResult switch
        {
            OptionResult option => option.Option.Name,
            ArgumentResult { Parent: OptionResult option } => option.Option.Name,
            ArgumentResult argument => argument.Argument.HelpName ?? argument.Argument.Name,
            _ => null,
        };
        if (name is null) return told;
        if (OfWrongType().Match(told) is { Success: true } typed) return $"{name}: '{typed.Groups[1].Value}' is not {(typed.Groups[2].Value.StartsWith("System.Int", StringComparison.Ordinal) ? "a whole number" : "a number")}.";
        if (NotOneOf().Match(told) is { Success: true } choice) return $"{name}: '{choice.Groups[1].Value}' is not one of {choice.Groups[2].Value.Replace("' '", ", ", StringComparison.Ordinal).Trim('\'')}.";
        if (told.StartsWith("Required argument missing for option", StringComparison.Ordinal)) return $"{name} needs a value.";
        return told.StartsWith("Option ", StringComparison.Ordinal) && told.EndsWith(" is required.", StringComparison.Ordinal) ? $"{name} is missing." : told;
    }

    [GeneratedRegex("^Cannot parse argument '(.*)' for .* as expected type '(System\\.(?:Int|UInt|Double|Single|Decimal).*)'\\.$")]
    private static partial Regex OfWrongType();

    [GeneratedRegex("^Argument '(.*)' not recognized\\. Must be one of: (.*)$")]
    private static partial Regex NotOneOf();

    /// <summary>The path of a command with a similar name, nearer ones first.</summary>
    static string? CommandLike(string word, Command command, string path)
    {
        if (Spelling.Nearest(word, command.Subcommands.Select(c => c.Name)) is { } near) return $"{path} {near}";
        foreach (var sub in command.Subcommands)
            if (Spelling.Nearest(word, sub.Subcommands.Select(c => c.Name)) is { } below) return $"{path} {sub.Name} {below}";
        return null;
    }

    static IEnumerable<string> Options(CommandResult result)
    {
        for (var each = result; each is not null; each = each.Parent as CommandResult)
            foreach (var option in each.Command.Options)
                if (each == result || option.Recursive) yield return option.Name;
    }

    static string Meant(string? name) => name is null ? "" : $" Did you mean '{name}'?";

    static bool IsOption(string token) => token.Length > 1 && token[0] == '-';
}
