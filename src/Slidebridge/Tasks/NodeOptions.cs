namespace Slidebridge.Tasks;

/// <summary>What this node is to the others.</summary>
/// <param name="Name">Its name, one of its kind.</param>
/// <param name="Role">What it does.</param>
/// <param name="Serves">The execution groups whose tasks it runs; empty: all.</param>
/// <param name="CompanyLimit">Tasks of one company that are in hand at a time, on all nodes together; null: no limit.</param>
/// <param name="CrashLimit">Runs of a task that may be cut off before it is set aside.</param>
/// <param name="Drain">How long running tasks may go on when the node is told to stop.</param>
/// <param name="Poll">How often the database is asked for tasks that are due.</param>
/// <param name="CheckIn">How often the node says that it lives.</param>
/// <param name="CheckInLimit">How late a node may be in saying so before others take its tasks over.</param>
sealed record NodeOptions(
    string Name, NodeRole Role, IReadOnlyList<string> Serves, int? CompanyLimit, int CrashLimit, TimeSpan Drain, TimeSpan Poll, TimeSpan CheckIn, TimeSpan CheckInLimit)
{
    /// <summary>A name that no other node has, and that tells where it runs.</summary>
    public static string MakeName() => $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>An operator's command at the database: it runs nothing.</summary>
    public static NodeOptions Observer { get; } = new(MakeName(), NodeRole.Web, [], null, int.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public bool RunsTasks => Role is not NodeRole.Web;

    public bool TakesTasks => Role is not NodeRole.Worker;
}

/// <summary>What a node does.</summary>
enum NodeRole
{
    /// <summary>Both.</summary>
    All,

    /// <summary>Takes webhooks and serves the API.</summary>
    Web,

    /// <summary>Runs tasks.</summary>
    Worker,
}
