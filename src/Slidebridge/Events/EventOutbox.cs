using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>
/// Records events in the commit of the step that they report, one row for each receiver:
/// <code>
/// a commit: tasks change ──► the states that each task entered ──► rows of the outbox ──► saved together, or not at all ──► EventSender
/// </code>
/// It looks at the rows that the commit changes, so no step of a task can forget its event. Without a receiver it is not part of any commit.
/// </summary>
sealed class EventOutbox(EventOptions options, TimeProvider time) : ICommitRows
{
    /// <summary>Rows were committed.</summary>
    public event Action? Added;

    public bool AddTo(TaskDatabase database)
    {
        foreach (var entry in database.ChangeTracker.Entries<BridgeTask>().ToList())
            foreach (var (type, state, at) in Of(entry))
                Add(database, type, SubjectOf(entry.Entity.Number), at, JsonSerializer.Serialize(new EventBody<TaskEventData>(type, at, DataOf(entry.Entity, state)), EventJson.Plain.EventBodyTaskEventData));
        return database.ChangeTracker.Entries<OutgoingEvent>().Any(entry => entry.State is EntityState.Added);
    }

    public void Committed() => Added?.Invoke();

    /// <summary>Records that tasks of a group wait and no node runs them, as a part of the caller's commit. Does nothing if nobody receives events.</summary>
    /// <param name="database">The commit's.</param>
    /// <param name="group">The execution group.</param>
    /// <param name="waiting">How many tasks wait.</param>
    public void AddFleetNeeded(TaskDatabase database, string group, int waiting)
    {
        var now = time.GetUtcNow();
        Add(database, EventTypes.FleetNeeded, $"group-{group}", now, JsonSerializer.Serialize(new EventBody<FleetEventData>(EventTypes.FleetNeeded, now, new(group, waiting)), EventJson.Plain.EventBodyFleetEventData));
    }

    public static string SubjectOf(long task) => string.Create(CultureInfo.InvariantCulture, $"task-{task}");

    void Add(TaskDatabase database, string type, string subject, DateTimeOffset at, string body)
    {
        // Sorts by time, so that a new row goes to the end of its index.
        var id = $"msg_{Guid.CreateVersion7(at):n}";
        foreach (var sink in options.Sinks) database.Outbox.Add(new OutgoingEvent { Sink = sink, EventId = id, Subject = subject, Type = type, Body = body, At = at });
    }

    /// <summary>The events of one task's changes. A task that the platform has not confirmed may be a stranger's, and has none.</summary>
    static IEnumerable<(string Type, TaskState State, DateTimeOffset At)> Of(EntityEntry<BridgeTask> entry)
    {
        var task = entry.Entity;
        if (entry.State is not (EntityState.Added or EntityState.Modified) || task.VerifiedAt is not { } verifiedAt) yield break;
        if (entry.State is EntityState.Added || entry.Property(t => t.VerifiedAt).OriginalValue is null)
        {
            yield return (EventTypes.Accepted, TaskState.Accepted, verifiedAt);
            if (TypeOf(TaskState.Accepted, task.State) is { } further) yield return (further, task.State, task.UpdatedAt);
            yield break;
        }
        var state = entry.Property(t => t.State).OriginalValue;
        // Steps that are not stored yet have no id. Several changes of one commit may have moved the task.
        foreach (var step in task.Events.Where(e => e.Id == 0 && e.State != state))
        {
            if (TypeOf(state, step.State) is { } type) yield return (type, step.State, step.At);
            state = step.State;
        }
    }

    /// <summary>The event of a move, or null: it has none.</summary>
    static string? TypeOf(TaskState from, TaskState to) => to switch
    {
        _ when from == to => null,
        TaskState.Held => EventTypes.Held,
        TaskState.Completed => EventTypes.Completed,
        TaskState.Failed => EventTypes.Failed,
        TaskState.Cancelled => EventTypes.Cancelled,
        // An ended task restarts.
        _ => from.IsEnded() ? EventTypes.Accepted : null,
    };

    static TaskEventData DataOf(BridgeTask task, TaskState state) => new()
    {
        Task = task.Number,
        State = state,
        Model = task.Model,
        Classifier = NameOf(task.Classifier),
        Group = task.Group,
        Scans = task.Scans.Count,
        Attempts = task.Attempts,
        Posts = task.Posts,
        AcceptedAt = task.AcceptedAt,
        VerifiedAt = task.VerifiedAt!.Value,
        HeldUntil = state is TaskState.Held ? task.HeldUntil : null,
        ClassifierSeconds = Math.Round(task.ClassifierSeconds, 3),
        Reason = state is TaskState.Failed ? task.PlainError : null,
    };

    /// <summary>Without the arguments of a command, which may contain a secret, and without the host of a model server.</summary>
    static string? NameOf(string? classifier) => classifier is null || ClassifierKind.Of(classifier, out var argument) is not { } kind ? classifier : kind.IsProgram || kind.Name == "onnx" ? kind.ShortNameOf(argument) : kind.Name;
}
