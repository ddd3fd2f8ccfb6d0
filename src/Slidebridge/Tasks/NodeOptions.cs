namespace Slidebridge.Tasks;

/// <summary>This node's place in the cluster.</summary>
/// <param name="Name">The node's name, unique in the cluster.</param>
/// <param name="Role">What the node does.</param>
/// <param name="Serves">The execution groups whose tasks the node runs; empty: all.</param>
/// <param name="CompanyLimit">Maximum tasks in progress per company, across all nodes; null: no limit.</param>
/// <param name="CrashLimit">Crashes of the process, with the task alone on it, after which a task is marked failed.</param>
/// <param name="Drain">How long running tasks may continue when the node is stopped.</param>
/// <param name="Poll">How often the node asks the database for due tasks.</param>
/// <param name="CheckIn">How often the node sends its heartbeat.</param>
/// <param name="CheckInLimit">Other nodes take over the node's tasks when its heartbeat is this late.</param>
sealed record NodeOptions(
    string Name, NodeRole Role, IReadOnlyList<string> Serves, int? CompanyLimit, int CrashLimit, TimeSpan Drain, TimeSpan Poll, TimeSpan CheckIn, TimeSpan CheckInLimit)
{
    /// <summary>A unique name that shows where the node runs.</summary>
    public static string MakeName() => $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>The "node" of an operator's command that works on the database: it runs no tasks.</summary>
    public static NodeOptions Observer { get; } = new(MakeName(), NodeRole.Web, [], null, int.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public bool RunsTasks => Role is not NodeRole.Web;

    public bool TakesTasks => Role is not NodeRole.Worker;
}

/// <summary>What a node does.</summary>
enum NodeRole
{
    /// <summary>Web and worker.</summary>
    All,

    /// <summary>Receives webhooks and serves the API.</summary>
    Web,

    /// <summary>Runs tasks.</summary>
    Worker,
}
