using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Slidebridge.Commands;

/// <summary>Commands under one heading of <c>slidebridge --help</c>.</summary>
sealed record CommandGroup(string Title, params Command[] Commands);

/// <summary>
/// <c>--help</c>: for the program, a line for each command, in groups; for a command, everything about it, and a line for each command below it.
/// That line is the first paragraph of a command's description.
/// </summary>
/// <param name="groups">The program's commands.</param>
/// <param name="full">The library's help, for one command.</param>
sealed class Help(IReadOnlyList<CommandGroup> groups, HelpAction full) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        if (parseResult.CommandResult.Parent is null)
        {
            WriteGroups(command, parseResult.InvocationConfiguration.Output);
            return 0;
        }
        foreach (var below in command.Subcommands) below.Description = Summary(below);
        return full.Invoke(parseResult);
    }

    void WriteGroups(Command root, TextWriter output)
    {
        output.WriteLine($"{root.Description}\n\nUsage:\n  {root.Name} [command] [options]");
        var width = groups.SelectMany(g => g.Commands).Max(c => c.Name.Length) + 2;
        foreach (var group in groups)
        {
            output.WriteLine($"\n{group.Title}:");
            foreach (var command in group.Commands) output.WriteLine($"  {command.Name.PadRight(width)}{Summary(command)}");
        }
        output.WriteLine($"\n'{root.Name} COMMAND --help' describes a command.\n'{root.Name} --version' prints the version.");
    }

    /// <summary>A description's first paragraph, on one line.</summary>
    public static string Summary(Command command) => (command.Description ?? "").Split("\n\n")[0].ReplaceLineEndings(" ");
}
