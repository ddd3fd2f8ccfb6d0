using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Api;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks export</c>: writes everything about tasks, as JSON Lines.</summary>
static class TaskExportCommand
{
    public static Command Create()
    {
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "The output file. Default: stdout." };
        var command = new Command("export", """
            Writes everything about tasks, one JSON object per line.

            Each line has a task with its events, its result and what made it, and the results of shadow classifiers. It has no URL and no token, but results are patient data.

            Example:
              slidebridge tasks export --data ./slidebridge-data --out tasks.jsonl
            """)
        { output };
        var filter = new TaskFilterOptions(command);
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var chosen = filter.Read(parsed);
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            if (parsed.GetValue(output) is not { } file)
            {
                await ExportAsync(tasks, chosen, parsed.InvocationConfiguration.Output, cancellationToken);
                return 0;
            }
            await using (var writer = new StreamWriter(file))
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Counted.Text(await ExportAsync(tasks, chosen, writer, cancellationToken), "task")} in {file}");
            return 0;
        });
    }

    /// <returns>How many tasks were written.</returns>
    static async Task<int> ExportAsync(ITaskAccess tasks, TaskFilter filter, TextWriter writer, CancellationToken cancellationToken)
    {
        var written = 0;
        await foreach (var number in tasks.AllAsync(filter, cancellationToken).Select(t => t.Task))
        {
            var task = await tasks.ShowAsync(number.ToString(CultureInfo.InvariantCulture), cancellationToken);
            using var result = await tasks.FindResultAsync(number, cancellationToken) is { } json ? JsonDocument.Parse(json) : null;
            var shadows = new Dictionary<string, JsonElement>();
            foreach (var shadow in task.Shadows?.Where(s => s.HasResult) ?? [])
                if (await tasks.FindShadowResultAsync(number, shadow.Classifier, cancellationToken) is { } own) shadows[shadow.Classifier] = JsonSerializer.Deserialize(own, TaskJsonContext.Default.JsonElement);
            await writer.WriteLineAsync(JsonSerializer.Serialize(new ExportedTask(task, result?.RootElement, shadows.Count > 0 ? shadows : null), TaskJsonContext.Default.ExportedTask));
            written++;
        }
        return written;
    }
}
