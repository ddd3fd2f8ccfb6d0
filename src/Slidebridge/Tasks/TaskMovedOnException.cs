namespace Slidebridge.Tasks;

/// <summary>A step came too late: the task is no longer in a state from which it may be taken, or another run has taken it over.</summary>
sealed class TaskMovedOnException(long number, BridgeTask? task, int fencingToken) : Exception(task is null ? $"Task {number} is gone."
    : task.FencingToken != fencingToken ? $"Task {number} was taken over: run {task.FencingToken} at {task.Node} has it, and this is run {fencingToken}."
    : $"Task {number} has moved on to {task.State}.");
