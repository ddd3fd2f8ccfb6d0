using System.CommandLine;
using System.Globalization;
using Slidebridge.Api;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks retry</c>, <c>cancel</c>, <c>redeliver</c> and <c>delete</c>: an operation on tasks that are named, or chosen by their state.</summary>
static class TaskOperationCommand
{
    /// <param name="name">The operation's name in the API.</param>
    /// <param name="description">What it does; the first line is shown in the list of commands.</param>
    /// <param name="done">The text after the task's number, once it is done.</param>
    /// <param name="takesMany">Tasks may also be chosen by their state.</param>
    /// <param name="isFinal">It cannot be undone, so it asks even for one task.</param>
    public static Command Create(string name, string description, Func<TaskJson, string> done, bool takesMany = true, bool isFinal = false)
    {
        var ids = new Argument<string[]>("TASK") { Description = "The task's number, or its id as the platform writes it; several may be given.", Arity = takesMany ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore };
        var who = Operator();
        var command = new Command(name, description) { ids, who };
        var filter = takesMany ? new TaskFilterOptions(command) : null;
        var question = takesMany || isFinal ? new Question(command) : null;
        var access = new TaskAccessOptions(command);
        var verb = $"{char.ToUpperInvariant(name[0])}{name[1..]}";
        return command.Does(async (parsed, cancellationToken) =>
        {
            var named = parsed.GetValue(ids)!;
            var chosen = filter?.Read(parsed) ?? new TaskFilter();
            var choosesMany = chosen != new TaskFilter();
            if (choosesMany && named.Length > 0) throw new CommandException("Name tasks, or choose them with --state and other filters; not both.", 2);
            if (choosesMany && chosen.States is null) throw new CommandException($"--state is missing: choose the tasks to {name}, for example with --state failed.", 2);
            if (!choosesMany && named.Length == 0) throw new CommandException(takesMany ? "Name a task, or choose tasks with --state." : "Name a task.", 2);

            if (isFinal && !question!.Ask(parsed, $"{verb} {(named.Length == 1 ? $"task {named[0]}" : Counted.Text(named.Length, "task"))} for good")) return 1;
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            if (choosesMany)
            {
                named = await NumbersAsync(tasks, chosen, cancellationToken);
                var counted = Counted.Text(named.Length, "task");
                if (named.Length == 0) await parsed.InvocationConfiguration.Output.WriteLineAsync("No task matches.");
                else if (!question!.Ask(parsed, $"{verb} {counted}")) return 1;
            }
            return await DoAsync(parsed, named, id => tasks.OperateAsync(id, name, parsed.GetValue(who)!, cancellationToken), done);
        });
    }

    /// <summary>The operator's name, for the task's events.</summary>
    public static Option<string> Operator() => new("--as") { HelpName = "NAME", Description = "Your name, for the task's event log.", DefaultValueFactory = _ => Environment.UserName };

    /// <summary>Runs the operation on each task. If one is refused, the others are still done.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> DoAsync(ParseResult parsed, string[] ids, Func<string, Task<TaskJson>> operate, Func<TaskJson, string> done)
    {
        var refused = 0;
        foreach (var id in ids)
        {
            try
            {
                var task = await operate(id);
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"Task {task.Task}: {done(task)}.");
            }
            catch (CommandException e) when (ids.Length > 1)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"slidebridge: task {id}: {e.Message}");
                refused++;
            }
        }
        if (ids.Length > 1) await parsed.InvocationConfiguration.Output.WriteLineAsync($"{ids.Length - refused} of {Counted.Text(ids.Length, "task")} done{(refused > 0 ? $", {refused} refused" : "")}.");
        return refused == 0 ? 0 : 1;
    }

    /// <summary>All numbers before any task is changed, because a change may move tasks out of the list.</summary>
    static async Task<string[]> NumbersAsync(ITaskAccess tasks, TaskFilter filter, CancellationToken cancellationToken)
    {
        var numbers = await tasks.AllAsync(filter, cancellationToken).Select(t => t.Task).ToListAsync(cancellationToken);
        return [.. numbers.Order().Select(n => n.ToString(CultureInfo.InvariantCulture))];
    }
}
