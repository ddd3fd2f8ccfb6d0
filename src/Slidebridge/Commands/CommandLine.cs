using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Data.Common;
using System.Net.Sockets;
using Quartz;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Security;
using Slidebridge.Settings;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary>The commands, and what all of them do alike: one sentence for what goes wrong, an exit code, a clean stop on Ctrl-C.</summary>
static class CommandLine
{
    public static async Task<int> RunAsync(BridgeBuilder bridge, string[] args, CancellationToken cancellationToken)
    {
        // No RootCommand: that has the name of the assembly, which nobody types.
        var root = new Command("slidebridge", "The bridge between Techcyte's pathology platform and your image classifier.")
        {
            new HelpOption(), new VersionOption(),
            ServeCommand.Create(bridge), SimulateCommand.Create(), SendCommand.Create(bridge), RunCommand.Create(bridge), JobCommand.Create(bridge), ValidateCommand.Create(), ResultsCommand.Create(), ObjectsCommand.Create(), InspectCommand.Create(), SlideCommand.Create(), TasksCommand.Create(), UsageCommand.Create(), DoctorCommand.Create(bridge), DemoCommand.Create(bridge),
        };
        var parsed = root.Parse(args is [] ? ["--help"] : args);
        if (RunsClassifiers.Contains(parsed.CommandResult.Command.Name) && parsed.Action is not HelpAction) BridgeProcess.Close(args);
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = int.MaxValue; // A file or a pipe has no edge to wrap at.
        if (parsed.Action is ParseErrorAction)
        {
            await Console.Error.WriteLineAsync($"slidebridge: {string.Join(' ', parsed.Errors.SelectMany(e => e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))} See 'slidebridge {CommandNames(parsed)}--help'.");
            return 2;
        }
        // A command that takes any number of slides or tasks takes an option that it does not have for one more of them.
        var options = args.TakeWhile(a => a != "--").Where(a => a.StartsWith("--", StringComparison.Ordinal)).ToHashSet();
        if (parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).FirstOrDefault(t => options.Contains(t.Value)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"slidebridge: There is no option '{unknown.Value}'. See 'slidebridge {CommandNames(parsed)}--help'.");
            return 2;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopLimit }, cancellationToken);
    }

    /// <summary>Commands that start programs of others, and hold secrets while they run.</summary>
    static readonly HashSet<string> RunsClassifiers = ["serve", "job", "run", "demo", "doctor", "send"];

    /// <summary>Gives a command its action, with the errors that are the user's to mend told in one sentence.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await action(parsed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 130; // 128 + SIGINT, as shells count.
            }
            catch (Exception e) when (Sentence(e) is { } sentence)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync("slidebridge: " + PlainText.Lines(sentence));
                return e switch { UsageException => 2, CommandException command => command.ExitCode, _ => 1 };
            }
        });
        return command;
    }

    /// <summary>Longer than any bridge takes to stop in order; the bridge keeps to its own limit, <c>--drain</c> and a little more.</summary>
    static readonly TimeSpan StopLimit = TimeSpan.FromHours(2);

    static string? Sentence(Exception e) => e switch
    {
        NoRouteException none => $"{none.What}: add one to slidebridge.json, or say --model, --company or --stain as they will be.",
        SlidebridgeException => e.Message,
        IOException or UnauthorizedAccessException or HttpRequestException or SocketException => e.Message,
        ArgumentException { ParamName: "url" or "urls" } => "The slide's address is no http or https URL.",
        SchedulerException => $"The job store failed: {e.GetBaseException().Message.TrimEnd('.')}. quartz.db in the data directory may be deleted; it is made anew from the tasks.",
        DbException => $"The tasks' database failed: {e.Message.TrimEnd('.')}.",
        InvalidOperationException { InnerException: DbException inner } => Sentence(inner), // As EF tells that a try again may help.
        OperationCanceledException => "It took too long.",
        _ => null,
    };

    // Of a command below another, both: "slide make ".
    static string CommandNames(ParseResult parsed)
    {
        var names = "";
        for (var result = parsed.CommandResult; result?.Parent is not null; result = result.Parent as CommandResult) names = $"{result.Command.Name} {names}";
        return names;
    }
}
