using System.CommandLine;

namespace Slidebridge.Commands;

/// <summary>Asks before a command does something irreversible, or does something to many tasks. <c>--yes</c> answers for scripts, which have no terminal.</summary>
sealed class Question
{
    readonly Option<bool> yes = new("--yes") { Description = "Do it without a question." };

    public Question(Command command) => command.Options.Add(yes);

    /// <summary>Whether the user agrees.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="what">What would be done, without a question mark: <c>Retry 12 tasks</c>.</param>
    /// <exception cref="CommandException">There is no terminal, and <c>--yes</c> is not given.</exception>
    public bool Ask(ParseResult parsed, string what)
    {
        if (parsed.GetValue(yes)) return true;
        if (Console.IsInputRedirected) throw new CommandException($"{what}? There is no terminal for the answer; use --yes to confirm.", 2);
        parsed.InvocationConfiguration.Error.Write($"{what}? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
