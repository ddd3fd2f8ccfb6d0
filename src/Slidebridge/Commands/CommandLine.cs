using System.CommandLine;
using System.CommandLine.Help;
using System.Data.Common;
using System.Net.Sockets;
using Quartz;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Slides.Sources;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary>The commands, and what all of them do alike: one sentence for what goes wrong, an exit code, a clean stop on Ctrl-C.</summary>
static class CommandLine
{
    public static async Task<int> RunAsync(BridgeBuilder bridge, string[] args, CancellationToken cancellationToken)
    {
        CommandGroup[] groups =
        [
            new("Run a bridge", ServeCommand.Create(bridge), JobCommand.Create(bridge), DoctorCommand.Create(bridge)),
            new("Try it", DemoCommand.Create(bridge), SimulateCommand.Create(), RunCommand.Create(bridge), SendCommand.Create(bridge)),
            new("Slides", InspectCommand.Create(), SlideCommand.Create()),
            new("Results", ValidateCommand.Create(), ResultsCommand.Create(), ObjectsCommand.Create()),
            new("Operate", TasksCommand.Create(), UsageCommand.Create(), CompletionCommand.Create()),
        ];
        // No RootCommand: that has the name of the assembly, which nobody types.
        var (help, version) = (new HelpOption(), new VersionOption());
        help.Action = new Help(groups, (HelpAction)help.Action!);
        var root = new Command("slidebridge", "The bridge between Techcyte's pathology platform and your image classifier.") { help, version };
        foreach (var command in groups.SelectMany(g => g.Commands)) root.Subcommands.Add(command);

        if (CompletionCommand.Answer(root, args, Console.Out)) return 0;
        var parsed = root.Parse(args is [] ? ["--help"] : args);
        if (RunsClassifiers.Contains(parsed.CommandResult.Command.Name) && parsed.Action is not Help) BridgeProcess.Close(args);
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = int.MaxValue; // A file or a pipe has no edge to wrap at.
        if (parsed.Action is not Help && parsed.Action != version.Action && WrongArguments.Find(parsed, args) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"slidebridge: {wrong}");
            return WrongUsage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopLimit }, cancellationToken);
    }

    /// <summary>Exit codes that every command has, beside 0 and 1. 128 + SIGINT is how shells count. docs/operations.md</summary>
    const int WrongUsage = 2, Interrupted = 130;

    /// <summary>Commands that start programs of others, and hold secrets while they run.</summary>
    static readonly HashSet<string> RunsClassifiers = ["serve", "job", "run", "demo", "doctor", "send"];

    /// <summary>Gives a command its action, with the errors that are the user's to mend told in one sentence.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // A signal that comes before this first await would end the process without waiting for its work: the library does not know of it yet.
            await Task.Yield();
            try
            {
                return await action(parsed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Interrupted;
            }
            catch (Exception e) when (Sentence(e) is { } sentence)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync("slidebridge: " + PlainText.Lines(sentence));
                return e switch { UsageException => WrongUsage, CommandException command => command.ExitCode, _ => 1 };
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
        HttpRequestException when CertificateFailure.Of(e) is { } why => $"The server cannot be trusted: {why}.",
        IOException or UnauthorizedAccessException or HttpRequestException or SocketException => e.Message,
        ArgumentException { ParamName: "url" or "urls" } => "The slide's address is no http or https URL.",
        SchedulerException => $"The job store failed: {e.GetBaseException().Message.TrimEnd('.')}. quartz.db in the data directory may be deleted; it is made anew from the tasks.",
        DbException => $"The tasks' database failed: {e.Message.TrimEnd('.')}.",
        InvalidOperationException { InnerException: DbException inner } => Sentence(inner), // As EF tells that a try again may help.
        OperationCanceledException => "It took too long.",
        _ => null,
    };
}
