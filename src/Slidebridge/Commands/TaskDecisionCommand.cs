using System.CommandLine;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks release</c> and <c>reject</c>: an operator decides about held results.</summary>
static class TaskDecisionCommand
{
    /// <param name="name">The decision's name in the API.</param>
    /// <param name="description">What it does.</param>
    /// <param name="done">The text after the task's number, once it is done.</param>
    /// <param name="needsReason">The reason must be given.</param>
    public static Command Create(string name, string description, string done, bool needsReason)
    {
        var ids = new Argument<string[]>("TASK") { Description = "The task's number, or its id as the platform writes it; several may be given.", Arity = ArgumentArity.OneOrMore };
        var reason = new Option<string?>("--reason") { HelpName = "TEXT", Description = $"Why, for the task's event log and the audit log{(needsReason ? "" : "; optional")}. It must not name patients." };
        var who = TaskOperationCommand.Operator();
        var command = new Command(name, description) { ids, reason, who };
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            if (needsReason && string.IsNullOrWhiteSpace(parsed.GetValue(reason))) throw new CommandException("Give a --reason.", 2);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            return await TaskOperationCommand.DoAsync(parsed, parsed.GetValue(ids)!, id => tasks.DecideAsync(id, name, parsed.GetValue(reason), parsed.GetValue(who)!, cancellationToken), _ => done);
        });
    }
}
