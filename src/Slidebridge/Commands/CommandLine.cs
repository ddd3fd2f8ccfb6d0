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

/// <summary>The commands and their common behaviour: one sentence for an error, an exit code, a clean stop on Ctrl-C.</summary>
static class CommandLine
{
    public static async Task<int> RunAsync(BridgeBuilder bridge, string[] args, CancellationToken cancellationToken)
    {
        CommandGroup[] groups =
        [
            new("Run a bridge", ServeCommand.Create(bridge), WorkCommand.Create(bridge), JobCommand.Create(bridge), DoctorCommand.Create(bridge)),
            new("Try it", DemoCommand.Create(bridge), SimulateCommand.Create(), RunCommand.Create(bridge), SendCommand.Create(bridge)),
            new("Slides", ViewCommand.Create(bridge), InspectCommand.Create(), SlideCommand.Create()),
            new("Results", ValidateCommand.Create(), CompareCommand.Create(), ResultsCommand.Create(), ObjectsCommand.Create()),
            new("Operate", TasksCommand.Create(), WorkersCommand.Create(), UsageCommand.Create(), TokenCommand.Create(), SessionsCommand.Create(), AuditCommand.Create(), CompletionCommand.Create()),
        ];
        // Not RootCommand: its name is the assembly's, which nobody types.
        var (help, version) = (new HelpOption(), new VersionOption());
        help.Action = new Help(groups, (HelpAction)help.Action!);
        var root = new Command("slidebridge", "The bridge between Techcyte's pathology platform and your image classifier.") { help, version };
        foreach (var command in groups.SelectMany(g => g.Commands)) root.Subcommands.Add(command);

        if (CompletionCommand.Answer(root, args, Console.Out)) return 0;
        var parsed = root.Parse(args is [] ? ["--help"] : args);
        if (RunsClassifiers.Contains(parsed.CommandResult.Command.Name) && parsed.Action is not Help) BridgeProcess.Close(args);
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = int.MaxValue; // Do not wrap lines in a file or a pipe.
        if (parsed.Action is not Help && parsed.Action != version.Action && WrongArguments.Find(parsed, args) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"slidebridge: {wrong}");
            return WrongUsage;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopLimit }, cancellationToken);
    }

    /// <summary>Exit codes of every command, in addition to 0 and 1. 128 + SIGINT is the shells' convention. docs/operations.md</summary>
    const int WrongUsage = 2, Interrupted = 130;

    /// <summary>sysexits(3), EX_TEMPFAIL: if the job or the worker is started again, it may succeed.</summary>
    public const int TryAgain = 75;

    /// <summary>Commands that start programs of others, and hold secrets meanwhile.</summary>
    static readonly HashSet<string> RunsClassifiers = ["serve", "work", "job", "run", "demo", "doctor", "send", "view"];

    /// <summary>Sets a command's action, and reports errors that the user can fix in one sentence.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // A signal before this first await would end the process without waiting for its work: the library handles signals only after it.
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

    /// <summary>Longer than any bridge takes to stop normally; the bridge has a limit itself, <c>--drain</c> and a little more.</summary>
    static readonly TimeSpan StopLimit = TimeSpan.FromHours(2);

    static string? Sentence(Exception e) => e switch
    {
        NoRouteException none => $"{none.What}: add one to slidebridge.json, or set --model, --company or --stain to the values that the platform will send.",
        SlidebridgeException => e.Message,
        HttpRequestException when CertificateFailure.Of(e) is { } why => $"The server cannot be trusted: {why}.",
        IOException or UnauthorizedAccessException or HttpRequestException or SocketException => e.Message,
        ArgumentException { ParamName: "url" or "urls" } => "The slide's address is not an http or https URL.",
        SchedulerException => $"The job store failed: {e.GetBaseException().Message.TrimEnd('.')}. You can delete quartz.db in the data directory: the bridge creates it again from the tasks.",
        DbException => $"The task database failed: {e.Message.TrimEnd('.')}.",
        InvalidOperationException { InnerException: DbException inner } => Sentence(inner), // EF's form of "a retry may help".
        OperationCanceledException => "The command took too long.",
        _ => null,
    };
}
