using System.CommandLine;
using Slidebridge.Api;
using Slidebridge.Tasks;

namespace Slidebridge.Commands;

/// <summary>The options that choose a command's tasks, such as <c>--state</c> and <c>--company</c>.</summary>
sealed class TaskFilterOptions
{
    static readonly string States = string.Join(", ", Enum.GetValues<TaskState>().Select(s => s.Name()));

    readonly Option<string?> state = new("--state") { HelpName = "STATE", Description = $"Only tasks that are {States}. Several are separated by commas." };
    readonly Option<string?> model = new("--model") { HelpName = "NAME", Description = "Only tasks that ask for this model." };
    readonly Option<string?> company = new("--company") { HelpName = "ID", Description = "Only tasks of this company." };
    readonly Option<string?> classifier = new("--classifier") { HelpName = "NAME", Description = "Only tasks that the routes gave this classifier." };
    readonly Option<string?> stain = new("--stain") { HelpName = "NAME", Description = "Only tasks with a scan of this stain." };
    readonly Option<string?> group = new("--group") { HelpName = "NAME", Description = "Only tasks of this execution group." };
    readonly Option<string?> since = new("--since") { HelpName = "TIME", Description = "Only tasks accepted then or later, such as 2026-11-28 or 2026-11-28T14:00. UTC if no zone is given." };
    readonly Option<string?> until = new("--until") { HelpName = "TIME", Description = "Only tasks accepted before that time." };
    readonly Option<string?> search = new("--search") { HelpName = "ID", Description = "Only tasks with this task number, case number or scan id." };

    public TaskFilterOptions(Command command)
    {
        state.CompletionSources.Add([.. Enum.GetValues<TaskState>().Select(s => s.Name())]);
        foreach (var option in (Option[])[state, model, company, classifier, stain, group, since, until, search]) command.Options.Add(option);
    }

    /// <exception cref="CommandException">There is no such state, or no such time.</exception>
    public TaskFilter Read(ParseResult parsed) => new()
    {
        States = parsed.GetValue(state) is { } states ? TaskStates.Parse(states) ?? throw new CommandException($"--state: there is no state '{states}'; the states are {States}.", 2) : null,
        Model = parsed.GetValue(model),
        Company = parsed.GetValue(company),
        Classifier = parsed.GetValue(classifier),
        Stain = parsed.GetValue(stain),
        Group = parsed.GetValue(group),
        Since = Moment("--since", parsed.GetValue(since)),
        Until = Moment("--until", parsed.GetValue(until)),
        Search = parsed.GetValue(search),
    };

    static DateTimeOffset? Moment(string flag, string? text) =>
        text is null ? null : TaskListQuery.Moment(text) ?? throw new CommandException($"{flag}: '{text}' is not a time such as 2026-11-28 or 2026-11-28T14:00.", 2);
}
