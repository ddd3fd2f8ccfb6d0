using Slidebridge.Api;
using Slidebridge.Lists;
using Slidebridge.Tasks;

namespace Slidebridge.Web.Parts;

/// <summary>What the address of the list of tasks says: the filter, the page and the columns. A form sends empty fields, which choose nothing.</summary>
sealed class TaskListView
{
    /// <summary>The columns that a user can choose, in their order, with those that are shown at first.</summary>
    public static readonly IReadOnlyList<(string Name, bool IsDefault)> AllColumns =
        [("case", false), ("company", false), ("model", true), ("classifier", false), ("node", false), ("stain", true), ("scans", true), ("duration", true), ("triage", false), ("summary", false), ("error", true)];

    static readonly int[] Limits = [50, 200, 500];

    readonly Dictionary<string, string> given;

    public TaskListView(IQueryCollection query)
    {
        given = query.Where(each => each.Key != "column").Select(each => (each.Key, Value: each.Value.ToString().Trim())).Where(each => each.Value.Length > 0).ToDictionary(each => each.Key, each => each.Value);
        var columns = query["column"].OfType<string>().ToHashSet();
        Columns = columns.Count == 0 ? [.. AllColumns.Where(column => column.IsDefault).Select(column => column.Name)] : [.. AllColumns.Where(column => columns.Contains(column.Name)).Select(column => column.Name)];
        HasOwnColumns = columns.Count > 0;
        Query = new TaskListQuery
        {
            State = Of("state"),
            Company = Of("company"),
            Model = Of("model"),
            Classifier = Of("classifier"),
            Stain = Of("stain"),
            Group = Of("group"),
            Node = Of("node"),
            Since = Of("since"),
            Until = Of("until"),
            Search = Of("search"),
            After = Of("after"),
            Before = Of("before"),
            Limit = int.TryParse(Of("limit"), out var limit) && Limits.Contains(limit) ? limit : Limits[0],
        };
        Fault = Query.FindFault(new QueryCollection());
    }

    public TaskListQuery Query { get; }

    /// <summary>What is wrong with the address, in a sentence; null: nothing.</summary>
    public string? Fault { get; }

    public IReadOnlyList<string> Columns { get; }

    public bool HasOwnColumns { get; }

    public bool HasFilter => given.Keys.Any(name => name is not ("limit" or "after" or "before"));

    public string? Of(string name) => given.GetValueOrDefault(name);

    /// <summary>The address with another value; null removes it. The page is the first one, unless that is what changes.</summary>
    public string With(string name, string? value)
    {
        var all = given.Where(each => each.Key != name && each.Key is not ("after" or "before")).Select(each => (each.Key, each.Value)).ToList();
        if (HasOwnColumns) all.AddRange(Columns.Select(column => ("column", column)));
        if (value is not null) all.Add((name, value));
        return "/tasks" + QueryString.Create(all.Select(each => KeyValuePair.Create<string, string?>(each.Item1, each.Item2)));
    }

    /// <summary>The filter, with every state.</summary>
    public TaskFilter Filter(IReadOnlyList<string> companies) => (Fault is null ? Query : new TaskListQuery()).Filter(companies);

    public TaskPageRequest Page => (Fault is null ? Query : new TaskListQuery()).Page();
}
