namespace Slidebridge;

/// <summary>What caused a failure, and so whether the attempt counts.</summary>
public enum FailureOrigin
{
    /// <summary>The task, its slide or its result: the attempt counts.</summary>
    Task,

    /// <summary>A process ended while it worked on the task: the attempt counts, with a separate limit.</summary>
    Process,

    /// <summary>The machine or other tasks, as when a classifier does not start: the attempt does not count, because the task is not the cause.</summary>
    Machine,
}
