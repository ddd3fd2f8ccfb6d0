namespace Slidebridge.Tasks;

/// <summary>A step came too late: the task is no longer in a state from which it may be taken, or another run has taken it over.</summary>
sealed class TaskMovedOnException(long number, BridgeTask? task, int run) : Exception(task is null ? $"Task {number} is gone."
    : task.Run != run ? $"Task {number} was taken over: run {task.Run} at {task.Node} has it, and this is run {run}."
    : $"Task {number} has moved on to {task.State}.");
