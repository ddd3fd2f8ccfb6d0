using System.Text.Json.Nodes;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A task as programs receive it: docs/classifiers/exec.md.</summary>
static class TaskMessage
{
    /// <summary>The version of the protocol.</summary>
    public const int Protocol = 1;

    /// <summary>The task with its slides opened.</summary>
    /// <param name="task">The task.</param>
    /// <param name="urls">Whether the request keeps its URLs.</param>
    /// <param name="path">Converts a slide's path on this machine to one that the program can open; null if programs do not receive paths.</param>
    /// <param name="cancellationToken">Cancels the opening and copying.</param>
    public static async Task<JsonObject> OfAsync(ClassificationTask task, bool urls, Func<string, string>? path, CancellationToken cancellationToken)
    {
        var scans = new JsonArray();
        foreach (var scan in task.Scans)
        {
            var told = OfScan(scan, await scan.OpenSlideAsync(cancellationToken));
            if (path is not null) told["path"] = path(await scan.GetLocalPathAsync(cancellationToken));
            scans.Add(told);
        }
        return new JsonObject
        {
            ["taskId"] = task.TaskId,
            ["caseId"] = task.CaseId,
            ["companyId"] = task.CompanyId,
            ["model"] = task.Model,
            ["settings"] = task.Settings?.DeepClone() ?? new JsonObject(),
            ["request"] = task.Request is { } request ? urls ? request.DeepClone() : RequestUrls.Without(request) : null,
            ["scans"] = scans,
        };
    }

    static JsonObject OfScan(Scan scan, Slide slide) => new()
    {
        ["id"] = scan.Id,
        ["stain"] = scan.Stain is { } stain ? new JsonObject { ["value"] = stain.Value, ["code"] = stain.Code, ["label"] = stain.Label } : null,
        ["format"] = slide.Format,
        ["width"] = slide.Width,
        ["height"] = slide.Height,
        ["mpp"] = Mpp(slide.Mpp),
        ["objectivePower"] = slide.ObjectivePower,
        ["levels"] = new JsonArray([.. slide.Levels.Select(l => new JsonObject
        {
            ["width"] = l.Width, ["height"] = l.Height, ["downsample"] = l.Downsample, ["tileWidth"] = l.TileWidth, ["tileHeight"] = l.TileHeight,
        })]),
        ["warnings"] = Warnings(slide),
    };

    /// <summary>What was repaired, skipped or doubtful in a slide so far.</summary>
    public static JsonArray Warnings(Slide slide) => new([.. slide.Warnings.Select(w => new JsonObject { ["code"] = w.Code, ["message"] = w.Message })]);

    /// <summary>A resolution, or null.</summary>
    public static JsonObject? Mpp(MicronsPerPixel? mpp) => mpp is { } size ? new JsonObject { ["x"] = size.X, ["y"] = size.Y } : null;
}
