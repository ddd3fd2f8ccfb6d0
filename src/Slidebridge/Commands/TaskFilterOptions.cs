using System.CommandLine;
using Slidebridge.Tasks;

namespace Slidebridge.Commands;

/// <summary>The options that choose a command's tasks: <c>--state</c>, <c>--model</c> and <c>--company</c>.</summary>
sealed class TaskFilterOptions
{
    static readonly string States = string.Join(", ", Enum.GetValues<TaskState>().Select(s => s.Name()));

    readonly Option<string?> state = new("--state") { HelpName = "STATE", Description = $"Only tasks that are {States}." };
    readonly Option<string?> model = new("--model") { HelpName = "NAME", Description = "Only tasks that ask for this model." };
    readonly Option<string?> company = new("--company") { HelpName = "ID", Description = "Only tasks of this company." };

    public TaskFilterOptions(Command command)
    {
        state.CompletionSources.Add([.. Enum.GetValues<TaskState>().Select(s => s.Name())]);
        foreach (var option in (Option[])[state, model, company]) command.Options.Add(option);
    }

    /// <exception cref="CommandException">There is no such state.</exception>
    public TaskFilter Read(ParseResult parsed) => new(State(parsed.GetValue(state)), parsed.GetValue(model), parsed.GetValue(company));

    static TaskState? State(string? text) => text is null ? null
        : Enum.GetValues<TaskState>().Where(s => s.Name() == text).Select(s => (TaskState?)s).FirstOrDefault() ?? throw new CommandException($"--state: there is no state '{text}'; the states are {States}.", 2);
}
