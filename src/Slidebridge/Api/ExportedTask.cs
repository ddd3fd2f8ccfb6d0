using System.Text.Json;

namespace Slidebridge.Api;

/// <summary>Everything about a task, as a line of <c>tasks export</c>.</summary>
/// <param name="Task">The task with its events.</param>
/// <param name="Result">The saved result, as it is posted.</param>
/// <param name="Shadows">The results of shadow classifiers, by their names.</param>
sealed record ExportedTask(TaskJson Task, JsonElement? Result, IReadOnlyDictionary<string, JsonElement>? Shadows = null);
