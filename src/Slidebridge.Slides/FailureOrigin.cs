namespace Slidebridge;

/// <summary>Where a failure comes from.</summary>
public enum FailureOrigin
{
    /// <summary>The task, its slide or its result: attempts are counted.</summary>
    Task,

    /// <summary>A process ended while it worked on the task: these attempts are counted, too, up to a limit of their own.</summary>
    Process,

    /// <summary>The machine or other tasks, as when a classifier does not start: attempts are not counted, for the task can do nothing about it.</summary>
    Machine,
}
