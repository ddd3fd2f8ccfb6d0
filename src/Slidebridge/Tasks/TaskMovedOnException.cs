namespace Slidebridge.Tasks;

/// <summary>A step was too late: the task is in another state, or another run has taken it over.</summary>
sealed class TaskMovedOnException(long number, BridgeTask? task, int fencingToken) : Exception(task is null ? $"Task {number} was deleted."
    : task.FencingToken != fencingToken ? $"Task {number} was taken over by run {task.FencingToken} on node {task.Node}; this is run {fencingToken}."
    : $"Task {number} is in another state by now: {task.State}.");
