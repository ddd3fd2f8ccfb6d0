using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>A claimed task that needs a job.</summary>
/// <param name="Number">The task.</param>
/// <param name="State">The task's state.</param>
/// <param name="Group">Its execution group.</param>
readonly record struct DueTask(long Number, TaskState State, string Group);
