using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Slidebridge.Lists;
using Slidebridge.Tasks;

namespace Slidebridge.Api;

/// <summary>The parameters of <c>GET /api/tasks</c>.</summary>
sealed record TaskListQuery
{
    const int LargestPage = 500;

    /// <summary>Matching tasks that a page may skip. More would overflow with the page's own.</summary>
    const int LargestOffset = int.MaxValue - LargestPage - 1;

    [FromQuery(Name = "state"), Description("Only tasks in this state; several states are separated by commas.")]
    public string? State { get; init; }

    [FromQuery(Name = "company"), Description("Only tasks of this company. Empty: tasks without one. The same for the other filters.")]
    public string? Company { get; init; }

    [FromQuery(Name = "model"), Description("Only tasks that ask for this model.")]
    public string? Model { get; init; }

    [FromQuery(Name = "classifier"), Description("Only tasks that the routes gave this classifier, by its name or short name.")]
    public string? Classifier { get; init; }

    [FromQuery(Name = "stain"), Description("Only tasks with a scan of this stain.")]
    public string? Stain { get; init; }

    [FromQuery(Name = "group"), Description("Only tasks of this execution group.")]
    public string? Group { get; init; }

    [FromQuery(Name = "node"), Description("Only tasks that this node or worker has claimed, or had claimed last.")]
    public string? Node { get; init; }

    [FromQuery(Name = "since"), Description("Only tasks accepted then or later: 2026-11-28, or 2026-11-28T14:00:00Z. UTC if no zone is given.")]
    public string? Since { get; init; }

    [FromQuery(Name = "until"), Description("Only tasks accepted before that time.")]
    public string? Until { get; init; }

    [FromQuery(Name = "search"), Description("Only tasks with this task number or id, case number or id, or scan id.")]
    public string? Search { get; init; }

    [FromQuery(Name = "after"), Description("The next of an earlier answer: the page after it.")]
    public string? After { get; init; }

    [FromQuery(Name = "before"), Description("The previous of an earlier answer: the page before it.")]
    public string? Before { get; init; }

    [FromQuery(Name = "offset"), Description("Number of matching tasks to skip. Prefer after: with an offset, pages shift when new tasks arrive.")]
    public int? Offset { get; init; }

    [FromQuery(Name = "limit"), Description("Maximum number of tasks, from 1 to 500. Default: 50.")]
    public int? Limit { get; init; }

    /// <summary>What is wrong with the parameters, in a sentence; null: nothing.</summary>
    /// <param name="given">The parameters as they were sent.</param>
    public string? FindFault(IQueryCollection given)
    {
        if (given.FirstOrDefault(each => each.Value.Count > 1).Key is { } twice) return $"{TaskEndpoints.Shortened(twice)} was given more than once.";
        if (State is not null && TaskStates.Parse(State) is null)
            return $"There is no state '{TaskEndpoints.Shortened(State)}'; the states are {string.Join(", ", Enum.GetValues<TaskState>().Select(s => s.Name()))}.";
        if (Offset is < 0 or > LargestOffset || Limit is < 1 or > LargestPage) return $"offset must be 0 or more, limit from 1 to {LargestPage}.";
        if ((Since is not null && Moment(Since) is null) || (Until is not null && Moment(Until) is null)) return "since and until must be times such as 2026-11-28 or 2026-11-28T14:00:00Z.";
        if (After is not null && Before is not null) return "Give only one of after and before.";
        return (After is not null && !TaskKey.TryParse(After, out _)) || (Before is not null && !TaskKey.TryParse(Before, out _)) ? "after and before must be the next or previous of an earlier answer." : null;
    }

    /// <param name="companies">The companies that the caller may see; empty: all.</param>
    public TaskFilter Filter(IReadOnlyList<string> companies) => new()
    {
        States = State is null ? null : TaskStates.Parse(State),
        Company = Company,
        Model = Model,
        Classifier = Classifier,
        Stain = Stain,
        Group = Group,
        Node = Node,
        Since = Since is null ? null : Moment(Since),
        Until = Until is null ? null : Moment(Until),
        Search = Search,
        Companies = companies,
    };

    public TaskPageRequest Page() => new(Limit ?? 50, Key(After), Key(Before), Offset ?? 0);

    /// <summary>Parses a day or a time; null if the text is neither.</summary>
    public static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment : null;

    static TaskKey? Key(string? text) => text is not null && TaskKey.TryParse(text, out var key) ? key : null;
}
