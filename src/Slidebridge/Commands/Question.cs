using System.CommandLine;

namespace Slidebridge.Commands;

/// <summary>Asks before a command does what cannot be undone, or to many: <c>--yes</c> answers for scripts, which have no terminal to be asked at.</summary>
sealed class Question
{
    readonly Option<bool> yes = new("--yes") { Description = "Do it without a question." };

    public Question(Command command) => command.Options.Add(yes);

    /// <summary>Whether to do it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="what">What would be done, without a question mark: <c>Retry 12 tasks</c>.</param>
    /// <exception cref="CommandException">Nobody is there to be asked.</exception>
    public bool Ask(ParseResult parsed, string what)
    {
        if (parsed.GetValue(yes)) return true;
        if (Console.IsInputRedirected) throw new CommandException($"{what}? There is no terminal to answer at: give --yes to do it.", 2);
        parsed.InvocationConfiguration.Error.Write($"{what}? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
