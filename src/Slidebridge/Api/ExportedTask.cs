using System.Text.Json;

namespace Slidebridge.Api;

/// <summary>Everything about a task, as a line of <c>tasks export</c>.</summary>
/// <param name="Task">The task with its events.</param>
/// <param name="Result">The saved result, as it is posted.</param>
sealed record ExportedTask(TaskJson Task, JsonElement? Result);
