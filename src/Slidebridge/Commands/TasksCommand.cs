using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Tasks;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks</c>: an operator looks at tasks and acts on them.</summary>
static class TasksCommand
{
    const int PageSize = 500;

    static readonly TaskJsonContext Readable = new(new JsonSerializerOptions(TaskJsonContext.Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create() => new("tasks", """
        Looks at tasks and acts on them: through a bridge's API (--url), or in its database (--data, --database).

        Examples:
          slidebridge tasks list --state failed
          slidebridge tasks show 185714
          slidebridge tasks log 185714
          slidebridge tasks retry 185714
          slidebridge tasks delete 185714
          slidebridge tasks export --data ./slidebridge-data --out tasks.jsonl
        """)
    {
        List(), Show(), Log(), Operation("retry", "Has a failed or cancelled task begin anew, or a waiting one try now. A saved result is not computed again."),
        Operation("cancel", "Ends a task: its classifier is told to stop. Refused once its post was begun."),
        Operation("redeliver", "Has a saved result delivered, unless it is on the platform already."),
        Operation("delete", "Erases all that is known of an ended task but that it ended, and when. What is on the platform stays."),
        Export(),
    };

    static Command List()
    {
        var state = StateOption();
        var limit = new Option<int>("--limit") { HelpName = "N", Description = "As many as are shown.", DefaultValueFactory = _ => 20 };
        var offset = new Option<int>("--offset") { HelpName = "N", Description = "Not the first so many." };
        var json = new Option<bool>("--json") { Description = "JSON instead of a table." };
        var command = new Command("list", "Shows tasks, the newest first.") { state, limit, offset, json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(limit) is < 1 or > PageSize || parsed.GetValue(offset) < 0) throw new CommandException($"--limit goes from 1 to {PageSize}, --offset from 0.", 2);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var page = await tasks.ListAsync(State(parsed.GetValue(state)), parsed.GetValue(offset), parsed.GetValue(limit), cancellationToken);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(page, Readable.TaskPageJson));
            else Write(page);
            return 0;
        });
    }

    static Command Show()
    {
        var id = Id();
        var json = new Option<bool>("--json") { Description = "JSON instead of a text." };
        var command = new Command("show", "Shows a task and every recorded step of it.") { id, json };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var task = await tasks.ShowAsync(parsed.GetValue(id)!, cancellationToken);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(task, Readable.TaskJson));
            else Write(task);
            return 0;
        });
    }

    static Command Log()
    {
        var id = Id();
        var command = new Command("log", "Shows what the classifier wrote in its last run: its log and, of a program, its error stream. It may name patients.") { id };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var text = await tasks.FindLogAsync(parsed.GetValue(id)!, cancellationToken);
            if (text is null)
            {
                await tasks.ShowAsync(parsed.GetValue(id)!, cancellationToken); // Throws where there is no such task.
                throw new CommandException($"The classifier of task {parsed.GetValue(id)} has written nothing.");
            }
            await Console.Out.WriteAsync(PlainText.Lines(text));
            return 0;
        });
    }

    static readonly Dictionary<string, string> Done = new() { ["retry"] = "tried anew", ["cancel"] = "ended", ["redeliver"] = "to be delivered again" };

    static Command Operation(string name, string description)
    {
        var ids = new Argument<string[]>("TASK") { Description = "The task's number, or its id as the platform writes it; several may be given.", Arity = ArgumentArity.OneOrMore };
        var who = new Option<string>("--as") { HelpName = "NAME", Description = "Your name, for the task's event log.", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command(name, description) { ids, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var code = 0;
            foreach (var id in parsed.GetValue(ids)!)
            {
                try
                {
                    var task = await tasks.OperateAsync(id, name, parsed.GetValue(who)!, cancellationToken);
                    await Console.Out.WriteLineAsync(name == "delete" ? $"Task {task.Task} is deleted." : $"Task {task.Task}: {Done[name]}; it is {task.State.Name()}.");
                }
                // One that is refused does not keep the others waiting.
                catch (CommandException e) when (parsed.GetValue(ids)!.Length > 1)
                {
                    await Console.Error.WriteLineAsync($"slidebridge: task {id}: {e.Message}");
                    code = 1;
                }
            }
            return code;
        });
    }

    static Command Export()
    {
        var state = StateOption();
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "Where to; the terminal where none is given." };
        var command = new Command("export", "Writes every task with its events and its result, one JSON object a line. It has no URL and no token; results are patients'.") { state, output };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            var file = parsed.GetValue(output);
            if (file is null)
            {
                await ExportAsync(tasks, State(parsed.GetValue(state)), Console.Out, cancellationToken);
                return 0;
            }
            await using (var writer = new StreamWriter(file))
                await Console.Out.WriteLineAsync($"{await ExportAsync(tasks, State(parsed.GetValue(state)), writer, cancellationToken)} tasks in {file}");
            return 0;
        });
    }

    /// <summary>Goes by pages from the newest; a task that comes meanwhile pushes others down a page, and those are not told twice.</summary>
    static async Task<int> ExportAsync(ITaskAccess tasks, TaskState? state, TextWriter writer, CancellationToken cancellationToken)
    {
        var told = new HashSet<long>();
        for (var offset = 0; ; offset += PageSize)
        {
            var page = await tasks.ListAsync(state, offset, PageSize, cancellationToken);
            foreach (var number in page.Tasks.Select(t => t.Task).Where(told.Add))
            {
                var task = await tasks.ShowAsync(number.ToString(CultureInfo.InvariantCulture), cancellationToken);
                using var result = await tasks.FindResultAsync(number, cancellationToken) is { } json ? JsonDocument.Parse(json) : null;
                await writer.WriteLineAsync(JsonSerializer.Serialize(new ExportedTask(task, result?.RootElement), TaskJsonContext.Default.ExportedTask));
            }
            if (offset + page.Tasks.Count >= page.Total || page.Tasks.Count == 0) return told.Count;
        }
    }

    static Argument<string> Id() => new("TASK") { Description = "The task's number, or its id as the platform writes it." };

    static Option<string?> StateOption() => new("--state") { HelpName = "STATE", Description = $"Only tasks that are {string.Join(", ", Enum.GetValues<TaskState>().Select(s => s.Name()))}." };

    static TaskState? State(string? text) => text is null ? null
        : Enum.GetValues<TaskState>().Where(s => s.Name() == text).Select(s => (TaskState?)s).FirstOrDefault() ?? throw new CommandException($"--state: there is no state '{text}'; there are {string.Join(", ", Enum.GetValues<TaskState>().Select(s => s.Name()))}.", 2);

    /// <summary>Words of programs and of the platform: a terminal would obey their control characters.</summary>
    static string Plain(string? text) => PlainText.Line(text);

    static string At(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static void Write(TaskPageJson page)
    {
        var table = new Table().AddColumns("task", "state", "company", "scans", "accepted", "node", "last error");
        foreach (var t in page.Tasks)
            table.AddRow([.. new[] { $"{t.Task}", t.State.Name(), t.Company ?? "", $"{t.Scans.Count}", At(t.AcceptedAt), t.Node ?? "", Plain(t.LastError) }.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(page.Tasks.Count == 0 ? $"{page.Total} tasks" : $"{page.Offset + 1} to {page.Offset + page.Tasks.Count} of {page.Total} tasks");
    }

    static void Write(TaskJson task)
    {
        Console.WriteLine($"""
            task {task.Task} ({task.TaskId}){(task.Case is { } number ? $", case {number}" : "")}{(task.Company is { } company ? $", company {company}" : "")}
            {(task.VerifiedAt is { } verified ? $"verified {At(verified)}{(task.VerifiedBy is TaskProof.Key ? ", taken without a token" : task.VerifiedBy is TaskProof.Token ? " by its own token" : "")}" : $"not verified{(task.WithoutToken == true ? ", has no token" : "")}")}
            {task.State.Name()} since {At(task.UpdatedAt)}{(task.NextTryAt is { } next ? $", next try {At(next)}" : "")}{(task.Node is { } node ? $", at {node}" : "")}
            {task.Attempts.Runs} runs, {task.Attempts.Posts} posts, {task.Attempts.Crashes} crashes; {task.Scans.Count} scans{(task.ExpiresAt is { } expiry ? $"; URLs expire {At(expiry)}" : "")}
            """);
        if (task.LastError is not null) Console.WriteLine($"last error: {Plain(task.LastError)}");
        if (task.LastCause is not null) Console.WriteLine($"its cause: {Plain(task.LastCause)}");
        foreach (var e in task.Events ?? []) Console.WriteLine($"  {At(e.At)}  {e.State.Name(),-10}  {Plain(e.What)}{(e.Who is null ? "" : $" (by {Plain(e.Who)})")}{(e.Webhook is { } call ? $" [webhook from {Plain(call.From)}, {call.Bytes} bytes, SHA-256 {Plain(call.Sha256)}]" : "")}");
    }
}
