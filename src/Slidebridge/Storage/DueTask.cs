using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>A task in hand that needs a job.</summary>
/// <param name="Number">The task.</param>
/// <param name="State">How far it is.</param>
/// <param name="Group">Its execution group.</param>
readonly record struct DueTask(long Number, TaskState State, string Group);
