using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Lists;
using Slidebridge.Security;
using Slidebridge.Tasks;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks</c>: an operator reads tasks and acts on them.</summary>
static class TasksCommand
{
    /// <summary>A running bridge stores new lines as often.</summary>
    static readonly TimeSpan FollowEvery = TimeSpan.FromSeconds(5);

    static readonly TaskJsonContext Readable = new(new JsonSerializerOptions(TaskJsonContext.Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create() => new("tasks", """
        Shows tasks and acts on them: list, retry, rerun and more.

        The commands use a bridge's API (--url), or its database (--data, --database).

        Examples:
          slidebridge tasks list --state failed,cancelled --since 2026-11-01
          slidebridge tasks list --search 185714
          slidebridge tasks show 185714
          slidebridge tasks log 185714
          slidebridge tasks retry 185714
          slidebridge tasks retry --state failed --model mitosis
          slidebridge tasks rerun 185714
          slidebridge tasks release 185714
          slidebridge tasks delete 185714
          slidebridge tasks export --data ./slidebridge-data --out tasks.jsonl
        """)
    {
        List(), Show(), Log(), Result(),
        TaskOperationCommand.Create("retry", "Restarts a failed or cancelled task, or retries a waiting one now.\n\nA saved result is not computed again: 'tasks rerun' does that.", task => $"restarted; it is {task.State.Name()}"),
        TaskOperationCommand.Create("cancel", "Cancels a task, and stops its classifier.\n\nThis is refused once a post was started.", _ => "cancelled"),
        TaskOperationCommand.Create("redeliver", "Delivers a saved result again, unless it is already on the platform.", task => $"is delivered again; it is {task.State.Name()}"),
        TaskRerunCommand.Create(),
        TaskDecisionCommand.Create("release", "Lets a held result be delivered.\n\nA route with \"hold\": true holds its results until an operator has looked at them.\n\nExample:\n  slidebridge tasks release 185714 --reason 'looked at by the validation team'", "released", needsReason: false),
        TaskDecisionCommand.Create("reject", "Rejects a held result: it is not delivered, and the task fails.\n\n'tasks retry' classifies the task again, and its new result is held again.\n\nExample:\n  slidebridge tasks reject 185714 --reason 'out of focus'", "rejected", needsReason: true),
        TaskOperationCommand.Create("delete", "Erases everything about an ended task, except that it ended, and when.\n\nResults on the platform stay.", _ => "deleted", takesMany: false, isFinal: true),
        TaskExportCommand.Create(),
    };

    static Command List()
    {
        var limit = new Option<int>("--limit") { HelpName = "N", Description = $"Maximum number of tasks, from 1 to {ITaskAccess.LargestPage}.", DefaultValueFactory = _ => 20 };
        var offset = new Option<int>("--offset") { HelpName = "N", Description = "Number of tasks to skip." };
        var json = new Option<bool>("--json") { Description = "JSON instead of columns." };
        var command = new Command("list", "Shows tasks, the newest first.\n\nIn a pipe, the columns are separated by tabs.") { limit, offset, json };
        var filter = new TaskFilterOptions(command);
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(limit) is < 1 or > ITaskAccess.LargestPage || parsed.GetValue(offset) < 0) throw new CommandException($"--limit must be 1 to {ITaskAccess.LargestPage}, --offset 0 or more.", 2);
            var chosen = filter.Read(parsed);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var page = await tasks.ListAsync(chosen, new TaskPageRequest(parsed.GetValue(limit), Offset: parsed.GetValue(offset)), cancellationToken);
            if (parsed.GetValue(json))
            {
                await parsed.InvocationConfiguration.Output.WriteLineAsync(JsonSerializer.Serialize(page, Readable.TaskPageJson));
                return 0;
            }
            TaskText.Write(page, parsed.InvocationConfiguration.Output);
            await parsed.InvocationConfiguration.Error.WriteLineAsync(TaskText.Range(page)); // To stderr, so that a pipe receives only the rows.
            return 0;
        });
    }

    static Command Show()
    {
        var id = Id();
        var json = new Option<bool>("--json") { Description = "JSON instead of text." };
        var ledger = new Option<bool>("--ledger") { Description = "Also show which bytes of the slides were read, and whether label and macro are among them." };
        var command = new Command("show", """
            Shows a task, what made its result, and every recorded step of it.

            What made the result: the versions of bridge and classifier, the SHA-256 of the model or program, the settings, the slides and their scanners.

            Examples:
              slidebridge tasks show 185714
              slidebridge tasks show 185714 --ledger
              slidebridge tasks show 185714 --json | jq .provenance.classifier
            """)
        { id, json, ledger };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var task = await tasks.ShowAsync(parsed.GetValue(id)!, cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            var read = parsed.GetValue(ledger) ? await tasks.FindLedgerAsync(task.Task, null, cancellationToken) ?? throw new CommandException($"Task {task.Task} has no ledger: it has no saved result, or its result is of an earlier version.") : null;
            var readAgain = parsed.GetValue(ledger) && task.RerunProvenance is not null ? await tasks.FindLedgerAsync(task.Task, TaskRerun.OfOperator, cancellationToken) : null;
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(read is null ? task : task with { Ledger = read, RerunLedger = readAgain }, Readable.TaskJson));
                return 0;
            }
            TaskText.Write(task, output);
            if (read is not null) LedgerText.Write(read, "read for the result", output);
            foreach (var shadow in parsed.GetValue(ledger) ? task.Shadows ?? [] : [])
                if (await tasks.FindLedgerAsync(task.Task, shadow.Classifier, cancellationToken) is { } readByShadow) LedgerText.Write(readByShadow, $"read for the shadow classifier {PlainText.Line(shadow.Classifier)}", output);
            if (readAgain is not null) LedgerText.Write(readAgain, "read for the rerun", output);
            return 0;
        });
    }

    static Command Log()
    {
        var id = Id();
        var follow = new Option<bool>("--follow") { Description = "Continue to show what the classifier writes, every few seconds, until the run ends. Each look is a line of the audit log." };
        var command = new Command("log", "Shows what the classifier wrote in the task's last run.\n\nThat is its log and, for a program, its stderr. It may name patients.") { id, follow };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var (number, output) = (parsed.GetValue(id)!, parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(follow) && tasks is StoredTasks { IsOfOneProcess: true }) throw new CommandException("--follow needs a running bridge, which writes the log: leave out --data.", 2);
            for (var shown = ""; ;)
            {
                var task = await tasks.ShowAsync(number, cancellationToken); // Throws if there is no such task. Before the log: a run that has ended writes no more.
                var text = await tasks.FindLogAsync(number, cancellationToken) ?? "";
                await output.WriteAsync(PlainText.Lines(LogText.After(shown, text)));
                await output.FlushAsync(cancellationToken);
                shown = text;
                if (parsed.GetValue(follow) && task.State is TaskState.Accepted or TaskState.Running) await Task.Delay(FollowEvery, cancellationToken);
                else if (shown.Length == 0) throw new CommandException($"The classifier of task {number} has written nothing.");
                else return 0;
            }
        });
    }

    static Command Result()
    {
        var id = Id();
        var rerun = new Option<bool>("--rerun") { Description = "The result of the task's last rerun, instead of the task's result." };
        var shadow = new Option<string?>("--shadow") { HelpName = "NAME", Description = "The result of this shadow classifier, instead of the task's result." };
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "The output file. Default: stdout." };
        var command = new Command("result", "Prints a task's saved result as JSON.\n\nIt may name patients.") { id, rerun, shadow, output };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var task = await tasks.ShowAsync(parsed.GetValue(id)!, cancellationToken);
            if (parsed.GetValue(rerun) && parsed.GetValue(shadow) is not null) throw new CommandException("Give only one of --rerun and --shadow.", 2);
            var json = parsed.GetValue(shadow) is { } named ? await tasks.FindShadowResultAsync(task.Task, named, cancellationToken) ?? throw new CommandException(NoShadow(task, named))
                : parsed.GetValue(rerun) ? await tasks.FindRerunResultAsync(task.Task, cancellationToken) : await tasks.FindResultAsync(task.Task, cancellationToken);
            if (json is null) throw new CommandException(!parsed.GetValue(rerun) ? $"Task {task.Task} has no saved result." : task.Rerun is null ? $"Task {task.Task} was not classified again: 'slidebridge tasks rerun {task.Task}' does that." : $"The rerun of task {task.Task} has no result: it is {task.Rerun.State.ToString().ToLowerInvariant()}.");
            if (parsed.GetValue(output) is { } file) await File.WriteAllBytesAsync(file, json, cancellationToken);
            else await parsed.InvocationConfiguration.Output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(json));
            return 0;
        });
    }

    static string NoShadow(TaskJson task, string named) => task.Shadows?.FirstOrDefault(s => s.Classifier == named) is { } shadow ? $"The shadow classifier {named} has no result for task {task.Task}: it is {shadow.State.ToString().ToLowerInvariant()}."
        : $"Task {task.Task} has no shadow classifier '{named}'{(task.Shadows is { Count: > 0 } all ? $"; it has {string.Join(", ", all.Select(s => s.Classifier))}" : "")}.";

    static Argument<string> Id() => new("TASK") { Description = "The task's number, or its id as the platform writes it." };
}
